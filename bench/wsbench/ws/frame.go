// Package ws is the little of RFC 6455 that a load generator and an echo backend need: frame
// headers, masking, the handshake's accept key, and a blocking client for probes. It does not
// negotiate extensions and does not check UTF-8.
package ws

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// Opcodes (RFC 6455 §5.2).
const (
	Continuation byte = 0x0
	Text         byte = 0x1
	Binary       byte = 0x2
	Close        byte = 0x8
	Ping         byte = 0x9
	Pong         byte = 0xA
)

// MaxHeader is the longest frame header in bytes: two, a 64-bit length and a mask.
const MaxHeader = 14

// ErrFrame says that a frame header breaks RFC 6455 §5.2 or uses an extension nobody negotiated.
var ErrFrame = errors.New("illegal frame header")

// Header is a decoded frame header.
type Header struct {
	Fin    bool
	Opcode byte
	Masked bool
	Mask   [4]byte
	// Length of the payload in bytes.
	Length uint64
}

// ParseHeader decodes the header at the start of b and returns its size. The size is 0 when b is
// too short to hold the whole header.
func ParseHeader(b []byte) (h Header, size int, err error) {
	if len(b) < 2 {
		return h, 0, nil
	}
	if b[0]&0x70 != 0 {
		return h, 0, ErrFrame
	}
	h.Fin = b[0]&0x80 != 0
	h.Opcode = b[0] & 0x0f
	h.Masked = b[1]&0x80 != 0
	size = 2
	switch short := b[1] & 0x7f; short {
	case 126:
		if len(b) < 4 {
			return h, 0, nil
		}
		h.Length = uint64(binary.BigEndian.Uint16(b[2:]))
		size = 4
	case 127:
		if len(b) < 10 {
			return h, 0, nil
		}
		h.Length = binary.BigEndian.Uint64(b[2:])
		size = 10
		if h.Length>>63 != 0 {
			return h, 0, ErrFrame
		}
	default:
		h.Length = uint64(short)
	}
	if h.Opcode >= Close && (!h.Fin || h.Length > 125) {
		return h, 0, ErrFrame
	}
	if h.Masked {
		if len(b) < size+4 {
			return h, 0, nil
		}
		copy(h.Mask[:], b[size:])
		size += 4
	}
	return h, size, nil
}

// AppendHeader appends h, with the shortest length encoding, to dst.
func AppendHeader(dst []byte, h Header) []byte {
	first, mask := h.Opcode, byte(0)
	if h.Fin {
		first |= 0x80
	}
	if h.Masked {
		mask = 0x80
	}
	switch {
	case h.Length <= 125:
		dst = append(dst, first, mask|byte(h.Length))
	case h.Length <= 0xffff:
		dst = append(dst, first, mask|126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(h.Length))
	default:
		dst = append(dst, first, mask|127)
		dst = binary.BigEndian.AppendUint64(dst, h.Length)
	}
	if h.Masked {
		dst = append(dst, h.Mask[:]...)
	}
	return dst
}

// AppendFrame appends one whole frame to dst; a masked header masks the copy of payload.
func AppendFrame(dst []byte, h Header, payload []byte) []byte {
	h.Length = uint64(len(payload))
	dst = AppendHeader(dst, h)
	start := len(dst)
	dst = append(dst, payload...)
	if h.Masked {
		Mask(dst[start:], h.Mask)
	}
	return dst
}

// Mask masks or unmasks b in place, b being the start of a payload (RFC 6455 §5.3).
func Mask(b []byte, key [4]byte) {
	word := uint64(binary.LittleEndian.Uint32(key[:]))
	word |= word << 32
	for len(b) >= 32 {
		q := b[:32:32]
		binary.LittleEndian.PutUint64(q, binary.LittleEndian.Uint64(q)^word)
		binary.LittleEndian.PutUint64(q[8:], binary.LittleEndian.Uint64(q[8:])^word)
		binary.LittleEndian.PutUint64(q[16:], binary.LittleEndian.Uint64(q[16:])^word)
		binary.LittleEndian.PutUint64(q[24:], binary.LittleEndian.Uint64(q[24:])^word)
		b = b[32:]
	}
	for i := range b {
		b[i] ^= key[i&3]
	}
}

// AcceptKey answers a Sec-WebSocket-Key (RFC 6455 §4.2.2).
func AcceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// CloseCode reads the status code of a Close payload; 1005 when it has none (RFC 6455 §7.1.5).
func CloseCode(payload []byte) int {
	if len(payload) < 2 {
		return 1005
	}
	return int(binary.BigEndian.Uint16(payload))
}
