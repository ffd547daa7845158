"""Barcode and payment-code scanners: bytes in at one end, whole codes out at the other."""
