"""Messages for events of access: to the requester, the approvers and the audit channel."""
