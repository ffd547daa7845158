"""Receipt printers: a document in, ESC/POS bytes out, and an honest word about what became of them.

Pure files: `document`, `profile`, `charset`, `bitmap`, `layout`, `encode`, `qr`. Pillow lives in `raster`,
sockets and files in `transport`; `driver.Printer` joins them for the application.
"""
