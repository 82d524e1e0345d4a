"""What the benchmarks measure and send: bots in processes, and the services around them."""
