"""What a guest hands over, judged by what lifting accepts. Its memory is not in the trace."""

from abi import HANDLES, trap_if
from lift import LARGEST, Lifting

OUTSIDE, TOO_LONG = 'a string or list outside of memory', 'a string or list that is too long'


class GuestLifting(Lifting):
    """Lifts what the guest handed over. Its memory is not in the trace: what lies there is not known."""

    def __init__(self, abi, handle, lose):
        super().__init__(abi, None)
        self.handle, self.lose = handle, lose

    def place(self, t, address):
        trap_if(address % self.abi.alignment(t) != 0, 'a place that is not aligned')
        trap_if(address + self.abi.size(t) > 1 << 8 * self.abi.pointer_size, 'a place outside of memory')
        self.lose(t)

    def pointed(self, t, plain, begin, length):
        if plain[0] == 'string':
            units = length
            wide = self.abi.encoding == 'utf16'
            if self.abi.encoding == 'latin1_utf16' and length & self.abi.tag:
                units, wide = length ^ self.abi.tag, True
            size, alignment = units * (2 if wide else 1), 1 if self.abi.encoding == 'utf8' else 2
        else:
            size, alignment = length * self.abi.size(plain[1]), self.abi.alignment(plain[1])
        trap_if(begin % alignment != 0, 'a string or list that is not aligned')
        trap_if(size > LARGEST, TOO_LONG)
        trap_if(begin + size > 1 << 8 * self.abi.pointer_size, OUTSIDE)
        if plain[0] == 'list' and length:
            self.lose(plain[1])

    def scalar(self, plain, number):
        if plain[0] in HANDLES:
            self.handle(plain, number % (1 << 32))
        return Lifting.scalar(self, plain, number)
