"""A take: what a recording or a video holds of one stream, as arrays over time. Reading, smoothing and mending it."""
