"""The demo: a whole counter with nothing outside. A sandbox gateway on loopback, a scanner that writes to a real pty
read by the real driver, a printer on a real port that draws what it is sent; and a story that drives the windows.
"""
