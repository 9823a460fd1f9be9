"""drivers/net: kinds of devices."""
