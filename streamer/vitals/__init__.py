"""What a running server knows of itself: health, times, counts."""
