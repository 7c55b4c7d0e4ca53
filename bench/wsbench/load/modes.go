package load

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"longshore.dev/bench/wsbench/ws"
)

var errNoConnection = errors.New("no open connection")

// ClosedLoop keeps one message of size bytes in flight on every open connection for the duration.
func (g *Generator) ClosedLoop(ctx context.Context, size int, duration time.Duration) (*Result, error) {
	defer g.begin(size)()
	start := now()
	end := start + int64(duration)
	clock := start
	g.echoed = func(c *conn, due int64) {
		clock = now()
		record(g.result.Latency, clock-due)
		g.result.Count++
		if clock < end {
			g.send(c, g.message, clock)
		}
	}
	for _, c := range g.conns {
		if c.state == open {
			g.send(c, g.message, now())
		}
	}
	if g.pending == 0 {
		return nil, errNoConnection
	}
	if err := g.drain(ctx, end); err != nil {
		return nil, err
	}
	g.result.Elapsed = time.Duration(clock - start)
	return g.result, nil
}

// Once sends one message of size bytes over every open connection, a few hundred at a time.
func (g *Generator) Once(ctx context.Context, size int) (*Result, error) {
	const window = 256
	defer g.begin(size)()
	start := now()
	next := 0
	more := func() {
		for ; next < len(g.conns) && g.pending < window; next++ {
			if c := g.conns[next]; c.state == open {
				g.send(c, g.message, now())
			}
		}
	}
	g.echoed = func(_ *conn, due int64) {
		record(g.result.Latency, now()-due)
		g.result.Count++
	}
	for last := start; next < len(g.conns) || g.pending > 0; {
		count := g.result.Count
		more()
		if err := g.poller.Wait(10*time.Millisecond, g.handle); err != nil {
			return nil, err
		}
		if g.result.Count > count {
			last = now()
		}
		if ctx.Err() != nil || now()-last > int64(patience) {
			g.abandon()
			break
		}
	}
	g.result.Elapsed = time.Duration(now() - start)
	return g.result, ctx.Err()
}

// OpenLoop sends rate messages a second of size bytes, evenly spread over time and in turn over the
// open connections, whether answers come or not. It ends after the duration, or early and well when
// stop is closed.
func (g *Generator) OpenLoop(
	ctx context.Context, size int, rate float64, duration time.Duration, stop <-chan struct{},
) (*Result, error) {
	defer g.begin(size)()
	if g.Open() == 0 {
		return nil, errNoConnection
	}
	start := now()
	end := start + int64(duration)
	interval := float64(time.Second) / rate
	g.echoed = func(_ *conn, due int64) {
		record(g.result.Latency, now()-due)
		g.result.Count++
	}
	next, turn := start, 0
	for k := int64(0); next < end; {
		clock := now()
		for ; next <= clock && next < end; next = start + int64(float64(k)*interval) {
			c := g.conns[turn]
			for tries := 0; c.state != open && tries < len(g.conns); tries++ {
				turn = (turn + 1) % len(g.conns)
				c = g.conns[turn]
			}
			if c.state != open {
				return g.result, errNoConnection
			}
			turn = (turn + 1) % len(g.conns)
			record(g.result.Late, now()-next)
			g.send(c, g.message, next)
			k++
		}
		select {
		case <-stop:
			end = next
		case <-ctx.Done():
			return nil, ctx.Err()
		default:
		}
		if err := g.poller.Wait(time.Duration(min(next, end)-now()), g.handle); err != nil {
			return nil, err
		}
	}
	if err := g.drain(ctx, now()); err != nil {
		return nil, err
	}
	g.result.Elapsed = time.Duration(now() - start)
	return g.result, nil
}

// Handshakes keeps concurrency handshakes in flight for the duration: connect, upgrade, Close with
// 1000, its answer, and the end of the connection. The client ends it: RFC 6455 §7.1.1 would leave
// that to the server, but Envoy then waits for a second (delayed_close_timeout). Latency is that from
// the connect to the verified 101.
func (g *Generator) Handshakes(ctx context.Context, concurrency int, duration time.Duration) (*Result, error) {
	defer g.begin(0)()
	bye := ws.AppendFrame(nil, ws.Header{Fin: true, Opcode: ws.Close, Masked: true, Mask: mask},
		binary.BigEndian.AppendUint16(nil, 1000))
	start := now()
	end := start + int64(duration)
	flying := 0
	var failed error
	again := func(id int32) {
		if now() >= end || failed != nil {
			return
		}
		if failed = g.dial(id); failed == nil {
			flying++
		}
	}
	g.opened = func(c *conn) {
		record(g.result.Latency, now()-c.started)
		c.state = leaving
		g.write(c, bye)
	}
	last := start
	g.ended = func(c *conn, why error) {
		flying--
		if why == errFarewell {
			g.result.Count++
			last = now()
		}
		again(c.id)
	}
	base := int32(len(g.conns))
	defer func() {
		if flying == 0 {
			g.conns = g.conns[:base]
		}
	}()
	for i := range int32(concurrency) {
		again(base + i)
	}
	for flying > 0 && failed == nil {
		if err := g.poller.Wait(50*time.Millisecond, g.handle); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if stuck := now(); stuck > end && stuck-max(last, end) > int64(patience) {
			g.result.Bad["handshake or close without an end"] += int64(flying)
			break
		}
	}
	g.result.Elapsed = time.Duration(last - start)
	return g.result, failed
}

// drain handles events until the end and every echo is there, or patience is out.
func (g *Generator) drain(ctx context.Context, end int64) error {
	for g.pending > 0 {
		if err := g.poller.Wait(50*time.Millisecond, g.handle); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if now() > end+int64(patience) {
			g.abandon()
			return nil
		}
	}
	return nil
}

// abandon counts what is out as unanswered and gives up the connections it is out on.
func (g *Generator) abandon() {
	for _, c := range g.conns {
		if c.state == open && len(c.due) > 0 {
			g.result.Bad["unanswered"] += int64(len(c.due))
			g.fail(c, errUnanswered)
		}
	}
}
