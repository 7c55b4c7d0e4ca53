// Package echo is a WebSocket echo backend on one thread: it sends every frame back as it came,
// unmasked, answers Ping and Close, and names itself in the X-Backend header of every answer.
// Plain HTTP requests get 200 and a line with the backend's name.
package echo

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"longshore.dev/bench/wsbench/internal/epoll"
	"longshore.dev/bench/wsbench/ws"
)

// Bounds of what a peer may make the backend hold.
const (
	maxHead    = 64 << 10
	maxMessage = 16 << 20
	readSize   = 256 << 10
)

// Listener is one address to serve and the name by which its answers go.
type Listener struct {
	Address netip.AddrPort
	Name    string
}

// Server echoes on the thread that calls Run.
type Server struct {
	poller    *epoll.Poller
	listeners map[int32]listening
	conns     map[int32]*conn
	buffer    []byte
	spare     [][]byte
}

type listening struct {
	fd   int
	name string
}

type conn struct {
	fd       int
	name     string
	upgraded bool
	// ending closes the connection once everything in out is written.
	ending  bool
	in      []byte
	skip    int64
	out     []byte
	blocked bool
}

// Listen binds the listeners; port 0 picks a free one. Addresses returns what was bound.
func Listen(listeners ...Listener) (*Server, error) {
	poller, err := epoll.New(512)
	if err != nil {
		return nil, err
	}
	s := &Server{
		poller:    poller,
		listeners: map[int32]listening{},
		conns:     map[int32]*conn{},
		buffer:    make([]byte, readSize),
	}
	for _, l := range listeners {
		fd, err := bind(l.Address)
		if err != nil {
			return nil, fmt.Errorf("listen on %v: %w", l.Address, err)
		}
		s.listeners[int32(fd)] = listening{fd, l.Name}
		if err := poller.Add(fd, int32(fd), epoll.In); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func bind(address netip.AddrPort) (int, error) {
	if !address.Addr().Is4() {
		return 0, fmt.Errorf("%v is not an IPv4 address", address.Addr())
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return 0, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}); err != nil {
		return 0, err
	}
	return fd, unix.Listen(fd, 4096)
}

// Addresses returns the bound addresses by name.
func (s *Server) Addresses() (map[string]netip.AddrPort, error) {
	bound := map[string]netip.AddrPort{}
	for _, l := range s.listeners {
		name, err := unix.Getsockname(l.fd)
		if err != nil {
			return nil, err
		}
		inet, ok := name.(*unix.SockaddrInet4)
		if !ok {
			return nil, fmt.Errorf("unexpected address %v", name)
		}
		bound[l.name] = netip.AddrPortFrom(netip.AddrFrom4(inet.Addr), uint16(inet.Port))
	}
	return bound, nil
}

// Run serves until the context ends, then closes everything.
func (s *Server) Run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer s.close()
	for ctx.Err() == nil {
		if err := s.poller.Wait(200*time.Millisecond, s.handle); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) close() {
	for id := range s.conns {
		s.drop(id)
	}
	for _, l := range s.listeners {
		_ = unix.Close(l.fd)
	}
	_ = s.poller.Close()
}

func (s *Server) handle(event epoll.Event) {
	if l, ok := s.listeners[event.ID]; ok {
		s.accept(l)
		return
	}
	c, ok := s.conns[event.ID]
	if !ok {
		return
	}
	if event.What&epoll.Out != 0 && !s.flush(c) {
		return
	}
	if event.What&(epoll.In|epoll.Broken) != 0 && !c.blocked {
		s.read(c)
	}
}

func (s *Server) accept(l listening) {
	for {
		fd, _, err := unix.Accept4(l.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		if s.poller.Add(fd, int32(fd), epoll.In) != nil {
			_ = unix.Close(fd)
			continue
		}
		s.conns[int32(fd)] = &conn{fd: fd, name: l.name}
	}
}

func (s *Server) drop(id int32) {
	if c, ok := s.conns[id]; ok {
		delete(s.conns, id)
		s.recycle(c)
		_ = unix.Close(c.fd)
	}
}

// read takes one read's worth of bytes. What is left of an incomplete message stays in c.in, which
// is held for just as long: an idle connection owns no buffer.
func (s *Server) read(c *conn) {
	room := s.buffer
	if len(c.in) > 0 {
		room = c.in[len(c.in):cap(c.in)]
	}
	n, err := epoll.Read(c.fd, room)
	if epoll.IsAgain(err) {
		return
	}
	if err != nil || n == 0 {
		s.drop(int32(c.fd))
		return
	}
	data := room[:n]
	if len(c.in) > 0 {
		data = c.in[:len(c.in)+n]
	}
	rest, ok := s.process(c, data)
	if !ok {
		s.drop(int32(c.fd))
		return
	}
	s.keep(c, rest)
	if c.ending && len(c.out) == 0 {
		s.drop(int32(c.fd))
	}
}

func (s *Server) keep(c *conn, rest []byte) {
	if len(rest) == 0 {
		s.recycle(c)
		return
	}
	need := len(rest) + 4096
	if c.upgraded {
		if h, size, err := ws.ParseHeader(rest); err == nil && size > 0 {
			need = size + int(h.Length)
		}
	}
	if cap(c.in) >= need && cap(c.in) > len(rest) {
		c.in = c.in[:copy(c.in[:cap(c.in)], rest)]
		return
	}
	grown := append(s.allocate(need+4096), rest...)
	s.recycle(c)
	c.in = grown
}

func (s *Server) allocate(size int) []byte {
	if last := len(s.spare) - 1; last >= 0 && cap(s.spare[last]) >= size {
		b := s.spare[last]
		s.spare = s.spare[:last]
		return b[:0]
	}
	return make([]byte, 0, max(size, 8<<10))
}

func (s *Server) recycle(c *conn) {
	if c.in != nil {
		if len(s.spare) < 64 && cap(c.in) <= 1<<20 {
			s.spare = append(s.spare, c.in)
		}
		c.in = nil
	}
}

// process answers what is complete in data and returns the rest; false ends the connection.
func (s *Server) process(c *conn, data []byte) (rest []byte, ok bool) {
	for !c.upgraded && !c.ending {
		if c.skip > 0 {
			n := min(c.skip, int64(len(data)))
			data, c.skip = data[n:], c.skip-n
		}
		end := bytes.Index(data, []byte("\r\n\r\n"))
		if end < 0 {
			return data, len(data) < maxHead
		}
		if !s.request(c, data[:end]) {
			return nil, false
		}
		data = data[end+4:]
	}
	if c.ending {
		return nil, true
	}
	return s.frames(c, data)
}

// frames turns the complete frames at the start of data into their echo, in place: a server's header
// is four bytes shorter than a client's, so the answer never catches up with what is being read.
func (s *Server) frames(c *conn, data []byte) (rest []byte, ok bool) {
	const maskSize = 4
	read, written := 0, maskSize
	for !c.ending {
		h, size, err := ws.ParseHeader(data[read:])
		if err != nil || h.Length > maxMessage || (size > 0 && !h.Masked) {
			return nil, false
		}
		if size == 0 || uint64(len(data)-read-size) < h.Length {
			break
		}
		start := read + size
		read = start + int(h.Length)
		payload := data[start:read]
		if h.Opcode == ws.Pong {
			continue
		}
		ws.Mask(payload, h.Mask)
		if h.Opcode == ws.Ping {
			h.Opcode = ws.Pong
		}
		c.ending = h.Opcode == ws.Close
		h.Masked = false
		var head [ws.MaxHeader]byte
		header := ws.AppendHeader(head[:0], h)
		copy(data[written:], header)
		written += len(header)
		if written != start {
			copy(data[written:], payload)
		}
		written += len(payload)
	}
	if written > maskSize && !s.send(c, data[maskSize:written]) {
		return nil, false
	}
	return data[read:], true
}

func (s *Server) send(c *conn, b []byte) bool {
	if len(c.out) > 0 {
		c.out = append(c.out, b...)
		return true
	}
	n, err := epoll.Write(c.fd, b)
	if err != nil {
		return false
	}
	if n < len(b) {
		c.out = append(c.out, b[n:]...)
		c.blocked = true
		return s.poller.Change(c.fd, int32(c.fd), epoll.Out) == nil
	}
	return true
}

// flush goes on writing after a full socket; false when the connection is gone.
func (s *Server) flush(c *conn) bool {
	n, err := epoll.Write(c.fd, c.out)
	if err != nil {
		s.drop(int32(c.fd))
		return false
	}
	if c.out = c.out[n:]; len(c.out) > 0 {
		return true
	}
	c.out, c.blocked = nil, false
	if c.ending || s.poller.Change(c.fd, int32(c.fd), epoll.In) != nil {
		s.drop(int32(c.fd))
		return false
	}
	return true
}

// request answers one request head.
func (s *Server) request(c *conn, head []byte) bool {
	lines := strings.Split(string(head), "\r\n")
	parts := strings.Split(lines[0], " ")
	if len(parts) != 3 {
		return false
	}
	headers := http.Header{}
	for _, line := range lines[1:] {
		if name, value, ok := strings.Cut(line, ":"); ok {
			headers.Add(name, strings.TrimSpace(value))
		}
	}
	if strings.EqualFold(headers.Get("Upgrade"), "websocket") {
		c.upgraded = true
		return s.send(c, s.switching(c, headers))
	}
	c.ending = strings.EqualFold(headers.Get("Connection"), "close") || headers.Get("Transfer-Encoding") != ""
	c.skip, _ = strconv.ParseInt(headers.Get("Content-Length"), 10, 64)
	body := c.name + " " + parts[0] + " " + parts[1] + "\n"
	answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Backend: %s\r\nContent-Length: %d\r\n", c.name, len(body))
	if c.ending {
		answer += "Connection: close\r\n"
	}
	if answer += "\r\n"; parts[0] != "HEAD" {
		answer += body
	}
	return s.send(c, []byte(answer))
}

func (s *Server) switching(c *conn, headers http.Header) []byte {
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Backend: " +
		c.name + "\r\nSec-WebSocket-Accept: " + ws.AcceptKey(headers.Get("Sec-WebSocket-Key")) + "\r\n"
	if offered := headers.Get("Sec-WebSocket-Protocol"); offered != "" {
		first, _, _ := strings.Cut(offered, ",")
		answer += "Sec-WebSocket-Protocol: " + strings.TrimSpace(first) + "\r\n"
	}
	return []byte(answer + "\r\n")
}
