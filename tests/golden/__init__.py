"""What a real kernel and real programs said, read both ways."""
