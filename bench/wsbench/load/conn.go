package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"longshore.dev/bench/wsbench/internal/epoll"
	"longshore.dev/bench/wsbench/ws"
)

type state uint8

const (
	connecting state = iota
	shaking
	open
	leaving
	dead
)

// maxHead bounds the answer to a handshake.
const maxHead = 16 << 10

// conn is one client connection. While idle it holds no buffer.
type conn struct {
	fd    int
	id    int32
	state state
	// started in nanoseconds: the connect.
	started int64
	key     *key
	// out is what the socket had no room for.
	out []byte
	// head collects the answer to the handshake, later a frame header that came in pieces.
	head []byte
	// control collects the payload of a control frame.
	control []byte
	frame   ws.Header
	inside  bool
	at      uint64
	arrived [MinSize]byte
	// due holds, for each message without an echo, the moment its latency counts from.
	due []int64
	// sent and echoed number the messages of this connection.
	sent, echoed uint32
}

// errors that end a connection; their text is the reason in Result.Bad.
var (
	// errFarewell is the good end of a handshake: the peer answered Close.
	errFarewell   = errors.New("close answered")
	errEOF        = errors.New("eof")
	errGarbled    = errors.New("echo differs from what was sent")
	errSurplus    = errors.New("echo of nothing")
	errProtocol   = errors.New("illegal frame")
	errTooLong    = errors.New("handshake answer too long")
	errUnanswered = errors.New("no answer in time")
)

type closedError int

func (e closedError) Error() string { return fmt.Sprintf("close %d", int(e)) }

type statusError int

func (e statusError) Error() string { return fmt.Sprintf("handshake: status %d", int(e)) }

// send writes one message and notes since when its latency counts.
func (g *Generator) send(c *conn, m *message, due int64) {
	c.due = append(c.due, due)
	frame := m.with(stamp(c.id, c.sent))
	c.sent++
	g.pending++
	g.write(c, frame)
}

func (g *Generator) write(c *conn, b []byte) {
	if len(c.out) > 0 {
		c.out = append(c.out, b...)
		return
	}
	n, err := epoll.Write(c.fd, b)
	if err != nil {
		g.fail(c, err)
		return
	}
	if n < len(b) {
		c.out = append(c.out, b[n:]...)
		g.watch(c, epoll.In|epoll.Out)
	}
}

func (g *Generator) flush(c *conn) {
	n, err := epoll.Write(c.fd, c.out)
	if err != nil {
		g.fail(c, err)
		return
	}
	if c.out = c.out[n:]; len(c.out) == 0 {
		c.out = nil
		g.watch(c, epoll.In)
	}
}

func (g *Generator) watch(c *conn, what uint32) {
	if err := g.poller.Change(c.fd, c.id, what); err != nil {
		g.fail(c, err)
	}
}

func (g *Generator) handle(event epoll.Event) {
	c := g.conns[event.ID]
	if c.state == dead {
		return
	}
	if c.state == connecting {
		g.connected(c)
		return
	}
	if event.What&epoll.Out != 0 && len(c.out) > 0 {
		g.flush(c)
	}
	if event.What&(epoll.In|epoll.Broken) != 0 && c.state != dead {
		g.read(c)
	}
}

func (g *Generator) connected(c *conn) {
	if code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || code != 0 {
		g.fail(c, fmt.Errorf("connect: %w", unix.Errno(code)))
		return
	}
	c.state = shaking
	g.watch(c, epoll.In)
	if c.state != dead {
		g.write(c, c.key.request)
	}
}

func (g *Generator) read(c *conn) {
	n, err := epoll.Read(c.fd, g.buffer)
	if epoll.IsAgain(err) {
		return
	}
	if err == nil && n == 0 {
		err = errEOF
	}
	if err != nil {
		g.fail(c, err)
		return
	}
	data := g.buffer[:n]
	if c.state == shaking {
		if data = g.shake(c, data); len(data) == 0 || c.state == dead {
			return
		}
	}
	if err := g.frames(c, data); err != nil {
		g.fail(c, err)
	}
}

// shake takes the answer to the handshake and returns the bytes behind it.
func (g *Generator) shake(c *conn, data []byte) []byte {
	known := len(c.head)
	c.head = append(c.head, data...)
	end := bytes.Index(c.head, []byte("\r\n\r\n"))
	if end < 0 {
		if len(c.head) > maxHead {
			g.fail(c, errTooLong)
		}
		return nil
	}
	rest := data[end+4-known:]
	answer := c.head[:end+2]
	c.head = nil
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 101 ")) || !c.key.accepted(answer) {
		status := 0
		_, _ = fmt.Sscanf(string(answer[:min(16, len(answer))]), "HTTP/1.%d %d", new(int), &status)
		g.fail(c, statusError(status))
		return nil
	}
	c.state = open
	g.opened(c)
	return rest
}

// frames follows the frames in data; payloads are compared with what was sent and never kept.
func (g *Generator) frames(c *conn, data []byte) error {
	m := g.message
	for len(data) > 0 {
		if c.inside {
			rest, err := g.payload(c, data)
			if err != nil {
				return err
			}
			data = rest
			continue
		}
		if whole := len(m.head) + int(m.size); len(c.head) == 0 && len(data) >= whole && bytes.HasPrefix(data, m.head) {
			if err := g.echo(c, data[len(m.head):whole]); err != nil {
				return err
			}
			data = data[whole:]
			continue
		}
		taken := min(len(data), ws.MaxHeader-len(c.head))
		known := len(c.head)
		c.head = append(c.head, data[:taken]...)
		h, size, err := ws.ParseHeader(c.head)
		if err != nil || h.Masked {
			return errProtocol
		}
		if size == 0 {
			return nil
		}
		data = data[size-known:]
		c.head = c.head[:0]
		c.frame, c.inside, c.at = h, true, 0
		if h.Length == 0 {
			if err := g.complete(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// echo takes an echo that came in one piece, the common case.
func (g *Generator) echo(c *conn, payload []byte) error {
	if !bytes.Equal(payload[MinSize:], g.message.tail) {
		return errGarbled
	}
	return g.stamped(c, binary.LittleEndian.Uint64(payload))
}

func (g *Generator) stamped(c *conn, got uint64) error {
	if len(c.due) == 0 {
		return errSurplus
	}
	if got != stamp(c.id, c.echoed) {
		return errGarbled
	}
	c.echoed++
	due := c.due[0]
	if len(c.due) == 1 {
		c.due = c.due[:0]
	} else {
		c.due = c.due[:copy(c.due, c.due[1:])]
	}
	g.pending--
	g.echoed(c, due)
	return nil
}

// payload takes a piece of the current frame's payload.
func (g *Generator) payload(c *conn, data []byte) ([]byte, error) {
	n := int(min(uint64(len(data)), c.frame.Length-c.at))
	piece := data[:n]
	if c.frame.Opcode >= ws.Close {
		c.control = append(c.control, piece...)
	} else if err := g.compare(c, piece); err != nil {
		return nil, err
	}
	if c.at += uint64(n); c.at == c.frame.Length {
		return data[n:], g.complete(c)
	}
	return data[n:], nil
}

func (g *Generator) compare(c *conn, piece []byte) error {
	if c.frame.Opcode != ws.Binary || !c.frame.Fin || c.frame.Length != g.message.size {
		return errGarbled
	}
	at := c.at
	if at < MinSize {
		n := copy(c.arrived[at:], piece)
		piece, at = piece[n:], at+uint64(n)
	}
	if len(piece) > 0 && !bytes.Equal(piece, g.message.tail[at-MinSize:][:len(piece)]) {
		return errGarbled
	}
	return nil
}

// complete ends the current frame.
func (g *Generator) complete(c *conn) error {
	c.inside = false
	switch c.frame.Opcode {
	case ws.Binary:
		if c.frame.Length < MinSize {
			return errGarbled
		}
		return g.stamped(c, binary.LittleEndian.Uint64(c.arrived[:]))
	case ws.Ping:
		h := ws.Header{Fin: true, Opcode: ws.Pong, Masked: true, Mask: mask}
		g.write(c, ws.AppendFrame(nil, h, c.control))
		c.control = nil
		return nil
	case ws.Pong:
		c.control = nil
		return nil
	case ws.Close:
		code := ws.CloseCode(c.control)
		c.control = nil
		if c.state == leaving {
			return errFarewell
		}
		return closedError(code)
	default:
		return errProtocol
	}
}
