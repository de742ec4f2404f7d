"""Bytes of a guest's memory, as far as they are known."""

PAGE = 1 << 16


class Image:
    def __init__(self):
        self.pages = {}

    def parts(self, address, size, make=False):
        """(page, offset in the page, offset in what was asked for, number of bytes), …"""
        done = 0
        while done < size:
            number, at = divmod(address + done, PAGE)
            part = min(PAGE - at, size - done)
            if make and number not in self.pages:
                self.pages[number] = (bytearray(PAGE), bytearray(PAGE))
            if number in self.pages:
                yield self.pages[number], at, done, part
            done += part

    def write(self, address, content, known=None):
        """Puts bytes down; with `known`, a mask, those alone."""
        for (data, mask), at, done, part in self.parts(address, len(content), make=True):
            new = content[done:done + part]
            if known is None or known.count(1, done, done + part) == part:
                data[at:at + part] = new
                mask[at:at + part] = b'\1' * part
                continue
            for i in range(part):
                if known[done + i]:
                    data[at + i], mask[at + i] = new[i], 1

    def read(self, address, size):
        """Bytes, and a mask of those that are known."""
        content, known = bytearray(size), bytearray(size)
        for (data, mask), at, done, part in self.parts(address, size):
            content[done:done + part] = data[at:at + part]
            known[done:done + part] = mask[at:at + part]
        return content, known

    def forget(self, address, size):
        for (_, mask), at, _, part in self.parts(address, size):
            mask[at:at + part] = bytes(part)
