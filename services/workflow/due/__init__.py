"""What is due: the queues, who looks at which shard, and rows that this version can't handle."""
