package load

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"longshore.dev/bench/wsbench/ws"
)

// Streams is load over HTTP/2 in the clear (prior knowledge): connections with streams on each, which
// carry requests one after the other, or are WebSockets (RFC 8441). Beside Generator it is simple and
// dear: a goroutine for each connection. The direct path has no part in what it measures.
type Streams struct {
	conns     []*muxed
	websocket bool
}

// windows are as large as one may be: what is measured is not flow control.
const (
	largestWindow = 1<<31 - 1
	firstWindow   = 1 << 16
	returned      = 1 << 20
	frameSize     = 1 << 14
)

// muxed is one connection, for its one goroutine at a time.
type muxed struct {
	socket   net.Conn
	out      bytes.Buffer
	framer   *http2.Framer
	head     []byte
	streams  map[uint32]*stream
	next     uint32
	received int
	decoder  *hpack.Decoder
	status   string
}

// stream is one WebSocket, or one request.
type stream struct {
	id       uint32
	started  int64
	sent     uint32
	in       []byte
	open     bool
	received int
	awaits   uint64
}

// DialStreams opens connections to the target and, where websocket, that many WebSockets on each.
func DialStreams(ctx context.Context, target Target, connections, streams int, websocket bool) (*Streams, error) {
	s := &Streams{websocket: websocket}
	for i := range connections {
		c, err := dialMuxed(ctx, target, i, websocket)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.conns = append(s.conns, c)
		if websocket {
			if err := c.openAll(streams); err != nil {
				return nil, errors.Join(err, s.Close())
			}
		}
	}
	return s, nil
}

func dialMuxed(ctx context.Context, target Target, index int, websocket bool) (*muxed, error) {
	dialer := net.Dialer{
		Timeout:   patience,
		LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+index%sources))},
	}
	socket, err := dialer.DialContext(ctx, "tcp4", target.Address.String())
	if err != nil {
		return nil, err
	}
	c := &muxed{socket: socket, streams: map[uint32]*stream{}, next: 1}
	c.framer = http2.NewFramer(&c.out, socket)
	c.decoder = hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if f.Name == ":status" {
			c.status = f.Value
		}
	})
	c.head = requestHead(target, websocket)
	c.out.WriteString(http2.ClientPreface)
	if err := errors.Join(
		c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: largestWindow}),
		c.framer.WriteWindowUpdate(0, largestWindow-firstWindow),
		c.flush(),
	); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return c, nil
}

// requestHead is the field block of all requests: nothing in it is indexed, so that it can be sent again.
func requestHead(target Target, websocket bool) []byte {
	host := target.Host
	if host == "" {
		host = target.Address.String()
	}
	fields := [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", host}, {":path", target.Path}}
	if websocket {
		fields[0][1] = "CONNECT"
		fields = append(fields, [][2]string{{":protocol", "websocket"}, {"sec-websocket-version", "13"}}...)
	}
	fields = append(fields, [2]string{"user-agent", "wsbench"})
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range fields {
		_ = encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1], Sensitive: true})
	}
	return block.Bytes()
}

func (c *muxed) flush() error {
	if c.out.Len() == 0 {
		return nil
	}
	_, err := c.socket.Write(c.out.Bytes())
	c.out.Reset()
	return err
}

// ask opens a stream.
func (c *muxed) ask(last bool) (*stream, error) {
	s := &stream{id: c.next, started: now()}
	c.next += 2
	c.streams[s.id] = s
	return s, c.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: s.id, BlockFragment: c.head, EndHeaders: true, EndStream: last,
	})
}

func (c *muxed) openAll(n int) error {
	for range n {
		if _, err := c.ask(false); err != nil {
			return err
		}
	}
	if err := c.flush(); err != nil {
		return err
	}
	for opened := 0; opened < n; {
		if err := c.read(now()+int64(patience), func(s *stream, _ []byte, _ bool) error {
			if !s.open {
				s.open = true
				opened++
			}
			return nil
		}); err != nil {
			return fmt.Errorf("open %d WebSockets on a connection: %w", n, err)
		}
	}
	return nil
}

// read takes one frame, and tells what came for a stream.
func (c *muxed) read(until int64, heard func(s *stream, data []byte, last bool) error) error {
	if err := c.socket.SetReadDeadline(time.Now().Add(time.Duration(until - now()))); err != nil {
		return err
	}
	frame, err := c.framer.ReadFrame()
	if err != nil {
		return err
	}
	switch f := frame.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return nil
		}
		return errors.Join(c.framer.WriteSettingsAck(), c.flush())
	case *http2.PingFrame:
		if f.IsAck() {
			return nil
		}
		return errors.Join(c.framer.WritePing(true, f.Data), c.flush())
	case *http2.HeadersFrame:
		s := c.streams[f.StreamID]
		if s == nil || !f.HeadersEnded() {
			return errProtocol
		}
		if _, err := c.decoder.Write(f.HeaderBlockFragment()); err != nil {
			return err
		}
		if c.status != "200" {
			return fmt.Errorf("status %s", c.status)
		}
		return heard(s, nil, f.StreamEnded())
	case *http2.DataFrame:
		s := c.streams[f.StreamID]
		if s == nil {
			return errProtocol
		}
		if err := c.give(s, len(f.Data())); err != nil {
			return err
		}
		return heard(s, f.Data(), f.StreamEnded())
	case *http2.RSTStreamFrame:
		return fmt.Errorf("reset: %v", f.ErrCode)
	case *http2.GoAwayFrame:
		return fmt.Errorf("goaway: %v", f.ErrCode)
	default:
		return nil
	}
}

// give returns the window that was used, a MiB at a time.
func (c *muxed) give(s *stream, n int) error {
	c.received += n
	s.received += n
	if c.received >= returned {
		if err := c.framer.WriteWindowUpdate(0, uint32(c.received)); err != nil {
			return err
		}
		c.received = 0
	}
	if s.received >= returned {
		if err := c.framer.WriteWindowUpdate(s.id, uint32(s.received)); err != nil {
			return err
		}
		s.received = 0
	}
	return nil
}

// Close ends all connections.
func (s *Streams) Close() error {
	var all []error
	for _, c := range s.conns {
		all = append(all, c.socket.Close())
	}
	return errors.Join(all...)
}

// ClosedLoop keeps one request, or one message of size bytes, in flight on each of the streams of every
// connection for the duration.
func (s *Streams) ClosedLoop(ctx context.Context, streams, size int, duration time.Duration) (*Result, error) {
	result := newResult()
	start := now()
	end := start + int64(duration)
	var lock sync.Mutex
	var all sync.WaitGroup
	for _, c := range s.conns {
		all.Go(func() {
			latencies, err := c.drive(ctx, streams, size, end, s.websocket)
			lock.Lock()
			defer lock.Unlock()
			for _, latency := range latencies {
				record(result.Latency, latency)
			}
			result.Count += int64(len(latencies))
			if err != nil {
				result.Bad[strings.ReplaceAll(err.Error(), c.socket.LocalAddr().String(), "client")]++
			}
		})
	}
	all.Wait()
	result.Elapsed = time.Duration(now() - start)
	if result.Count == 0 {
		return nil, fmt.Errorf("nothing was answered: %s", result.Problems())
	}
	return result, ctx.Err()
}

func (c *muxed) drive(ctx context.Context, streams, size int, end int64, websocket bool) (latencies []int64, err error) {
	flying := 0
	more := func(s *stream) error {
		if now() >= end || ctx.Err() != nil {
			return nil
		}
		flying++
		if !websocket {
			_, err := c.ask(true)
			return err
		}
		return c.message(s, size)
	}
	if websocket {
		for _, s := range c.streams {
			err = errors.Join(err, more(s))
		}
	} else {
		for range streams {
			err = errors.Join(err, more(nil))
		}
	}
	if err := errors.Join(err, c.flush()); err != nil {
		return nil, err
	}
	for flying > 0 {
		err := c.read(end+int64(patience), func(s *stream, data []byte, last bool) error {
			if websocket {
				done, err := s.echo(data, size)
				if err != nil || !done {
					return err
				}
			} else if !last {
				return nil
			} else {
				delete(c.streams, s.id)
			}
			flying--
			latencies = append(latencies, now()-s.started)
			return more(s)
		})
		if err != nil {
			return latencies, err
		}
		if err := c.flush(); err != nil {
			return latencies, err
		}
	}
	return latencies, nil
}

// message sends one, with a stamp by which its echo is known.
func (c *muxed) message(s *stream, size int) error {
	payload := make([]byte, max(size, MinSize))
	s.awaits = stamp(int32(s.id), s.sent)
	s.sent++
	binary.LittleEndian.PutUint64(payload, s.awaits)
	s.started = now()
	frame := ws.AppendFrame(nil, ws.Header{Fin: true, Opcode: ws.Binary, Masked: true, Mask: mask}, payload)
	for len(frame) > frameSize {
		if err := c.framer.WriteData(s.id, false, frame[:frameSize]); err != nil {
			return err
		}
		frame = frame[frameSize:]
	}
	return c.framer.WriteData(s.id, false, frame)
}

// echo tells whether a whole echo has come, and that it is the right one.
func (s *stream) echo(data []byte, size int) (bool, error) {
	s.in = append(s.in, data...)
	size = max(size, MinSize)
	head := ws.AppendHeader(nil, ws.Header{Fin: true, Opcode: ws.Binary, Length: uint64(size)})
	if len(s.in) < len(head)+size {
		return false, nil
	}
	if len(s.in) > len(head)+size || !bytes.HasPrefix(s.in, head) ||
		binary.LittleEndian.Uint64(s.in[len(head):]) != s.awaits {
		return false, errGarbled
	}
	s.in = s.in[:0]
	return true, nil
}

var _ io.Closer = (*Streams)(nil)
