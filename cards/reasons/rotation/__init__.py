"""The words of a rotation: they follow a label or go on, so few of them have a full stop."""
