package load

import (
	"encoding/binary"

	"longshore.dev/bench/wsbench/ws"
)

// MinSize is the smallest payload in bytes: the stamp by which an echo is recognised.
const MinSize = 8

// mask is what every client frame is masked with. A constant keeps the generator's share of the
// processor small and changes nothing for who relays the frame.
var mask = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// message is a prebuilt frame of which only the stamp, the payload's first eight bytes, differs from
// one send to the next, and the echo that answers it.
type message struct {
	// frame as sent: header, mask, masked payload.
	frame []byte
	// stamped is where the payload starts in frame.
	stamped int
	// head and tail are the echo's header and its payload behind the stamp.
	head, tail []byte
	size       uint64
}

func newMessage(size int) *message {
	size = max(size, MinSize)
	payload := make([]byte, size)
	for i := range payload {
		payload[i] = byte(i*7 + i>>8)
	}
	frame := ws.AppendFrame(nil, ws.Header{Fin: true, Opcode: ws.Binary, Masked: true, Mask: mask}, payload)
	return &message{
		frame:   frame,
		stamped: len(frame) - size,
		head:    ws.AppendHeader(nil, ws.Header{Fin: true, Opcode: ws.Binary, Length: uint64(size)}),
		tail:    payload[MinSize:],
		size:    uint64(size),
	}
}

// stamp names connection and message; an echo that comes back on another connection, twice, or out
// of order is found out by it.
func stamp(id int32, sequence uint32) uint64 {
	return uint64(uint32(id))<<32 | uint64(sequence)
}

// with returns the frame for one stamp; it is valid until the next call.
func (m *message) with(stamp uint64) []byte {
	word := uint64(binary.LittleEndian.Uint32(mask[:]))
	binary.LittleEndian.PutUint64(m.frame[m.stamped:], stamp^(word|word<<32))
	return m.frame
}
