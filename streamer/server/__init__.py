"""What clients connect to: HTTP and WebSockets on one port."""
