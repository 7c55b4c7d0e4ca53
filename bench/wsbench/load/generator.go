// Package load makes WebSocket load on one thread: closed loop, open loop and handshakes. It checks
// every echo, counts everything that goes wrong, and takes as little of the processor as it can,
// because what it measures shares the machine with it.
package load

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"longshore.dev/bench/wsbench/internal/epoll"
	"longshore.dev/bench/wsbench/ws"
)

// Target is where the load goes.
type Target struct {
	Address netip.AddrPort
	// Host header; empty: the address.
	Host string
	// Path and query of the handshake; empty: /.
	Path string
}

const (
	readSize = 256 << 10
	// sources is the number of local addresses 127.0.1.x that connections come from, each good for
	// one range of ephemeral ports.
	sources = 16
	keys    = 64
	// dialing bounds the handshakes in flight while opening.
	dialing = 128
	// patience is how long answers may stay out once nothing more is sent.
	patience = 5 * time.Second
)

// key is one prebuilt handshake and the only right answer to it.
type key struct {
	request []byte
	accept  []byte
}

func newKey(t Target) (*key, error) {
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	text := base64.StdEncoding.EncodeToString(nonce)
	host, path := t.Host, t.Path
	if host == "" {
		host = t.Address.String()
	}
	if path == "" {
		path = "/"
	}
	return &key{
		request: fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\nUser-Agent: wsbench\r\n\r\n", path, host, text),
		accept: []byte("sec-websocket-accept: " + ws.AcceptKey(text)),
	}, nil
}

// accepted tells whether a 101 carries the key's Sec-WebSocket-Accept; names compare without case.
func (k *key) accepted(answer []byte) bool {
	for line := range bytes.SplitSeq(answer, []byte("\r\n")) {
		if len(line) == len(k.accept) && bytes.EqualFold(line[:22], k.accept[:22]) && bytes.Equal(line[22:], k.accept[22:]) {
			return true
		}
	}
	return false
}

// Generator owns the connections to one target. Its methods lock the calling goroutine to its thread
// while they run; it is not for use by several goroutines at once.
type Generator struct {
	target  Target
	poller  *epoll.Poller
	buffer  []byte
	conns   []*conn
	keys    []*key
	message *message
	result  *Result
	// pending counts messages without an echo, over all connections.
	pending int
	dialled int
	// what a stretch of load does when a connection opens, an echo arrives, a connection ends.
	opened func(*conn)
	echoed func(c *conn, due int64)
	ended  func(c *conn, why error)
}

// New makes a generator without connections.
func New(target Target) (*Generator, error) {
	poller, err := epoll.New(512)
	if err != nil {
		return nil, err
	}
	g := &Generator{poller: poller, buffer: make([]byte, readSize), message: newMessage(64)}
	return g, g.Aim(target)
}

// Aim directs the connections that are opened from now on.
func (g *Generator) Aim(target Target) error {
	g.target, g.keys = target, nil
	for range keys {
		k, err := newKey(target)
		if err != nil {
			return err
		}
		g.keys = append(g.keys, k)
	}
	return nil
}

// Close resets all connections.
func (g *Generator) Close() error {
	for _, c := range g.conns {
		if c.state != dead {
			c.state = dead
			_ = unix.SetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
			_ = unix.Close(c.fd)
		}
	}
	return g.poller.Close()
}

// Open tells how many connections are open.
func (g *Generator) Open() int {
	n := 0
	for _, c := range g.conns {
		if c.state == open {
			n++
		}
	}
	return n
}

// begin prepares one stretch of load.
func (g *Generator) begin(size int) func() {
	runtime.LockOSThread()
	// Wake-ups at the schedule's moments, not within the default slack of 50 µs after them.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	if size > 0 && g.message.size != uint64(max(size, MinSize)) {
		g.message = newMessage(size)
	}
	g.result = newResult()
	g.opened = func(*conn) {}
	g.echoed = func(*conn, int64) {}
	g.ended = func(*conn, error) {}
	return runtime.UnlockOSThread
}

func (g *Generator) fail(c *conn, why error) {
	if c.state == dead {
		return
	}
	before := c.state
	c.state = dead
	_ = unix.Close(c.fd)
	g.pending -= len(c.due)
	switch {
	case why == errFarewell:
	case before == open:
		g.result.Bad["dropped: "+why.Error()]++
	default:
		g.result.Bad[why.Error()]++
	}
	c.out, c.head, c.control, c.due = nil, nil, nil, nil
	g.ended(c, why)
}

// dial starts a connection in place of g.conns[id], or behind the last.
func (g *Generator) dial(id int32) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c := &conn{fd: fd, id: id, started: now(), key: g.keys[g.dialled%keys]}
	source := [4]byte{127, 0, 1, byte(1 + g.dialled%sources)}
	g.dialled++
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: source}); err != nil {
		_ = unix.Close(fd)
		return err
	}
	remote := &unix.SockaddrInet4{Port: int(g.target.Address.Port()), Addr: g.target.Address.Addr().As4()}
	if err := unix.Connect(fd, remote); err != nil && err != unix.EINPROGRESS {
		_ = unix.Close(fd)
		return fmt.Errorf("connect to %v: %w", g.target.Address, err)
	}
	if int(id) == len(g.conns) {
		g.conns = append(g.conns, c)
	} else {
		g.conns[id] = c
	}
	return g.poller.Add(fd, id, epoll.Out)
}

// Dial opens n more connections; an error tells why not all of them opened.
func (g *Generator) Dial(n int) error {
	defer g.begin(0)()
	todo, flying := n, 0
	g.opened = func(*conn) { flying-- }
	g.ended = func(c *conn, _ error) { flying-- }
	last := time.Now()
	for todo > 0 || flying > 0 {
		for todo > 0 && flying < dialing {
			if err := g.dial(int32(len(g.conns))); err != nil {
				return err
			}
			todo--
			flying++
			last = time.Now()
		}
		if err := g.poller.Wait(100*time.Millisecond, g.handle); err != nil {
			return err
		}
		if g.result.Failures() > 0 {
			return fmt.Errorf("open %d connections to %v: %s", n, g.target.Address, g.result.Problems())
		}
		if time.Since(last) > 2*patience {
			return fmt.Errorf("open %d connections to %v: %d without an answer", n, g.target.Address, flying)
		}
	}
	return nil
}

var epoch = time.Now()

// now is a monotonic time in nanoseconds.
func now() int64 { return int64(time.Since(epoch)) }
