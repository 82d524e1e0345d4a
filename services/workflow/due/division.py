"""How shards are divided among replicas."""

from collections.abc import Collection, Mapping, Sequence


def divided(
    shards: Sequence[str], owners: Mapping[str, str], replicas: Collection[str]
) -> dict[str, str]:
    """Return which replica owns each shard, moving as few of them as possible.

    Shares differ by one shard at most; with more replicas than shards, some get none.
    """
    held = {name: [one for one in shards if owners.get(one) == name] for name in replicas}
    if not held:
        return {}
    least, more = divmod(len(shards), len(held))
    # Those that hold most keep the larger shares, so that a division doesn't change by itself.
    names = sorted(held, key=lambda name: (-len(held[name]), name))
    shares = {name: least + (place < more) for place, name in enumerate(names)}
    kept = {one: name for name in names for one in held[name][: shares[name]]}
    spare = [one for one in shards if one not in kept]
    for name in names:
        room = shares[name] - len(held[name])
        if room > 0:
            kept |= dict.fromkeys(spare[:room], name)
            spare = spare[room:]
    return kept
