"""The server on its local network: its addresses, a QR code of them, certificates for them, and how it is found."""
