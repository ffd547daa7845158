"""Ways to a device's bytes that more than one room uses: serial lines, and TCP where a server stands for one."""
