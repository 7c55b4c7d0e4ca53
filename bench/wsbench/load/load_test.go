package load_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"longshore.dev/bench/wsbench/echo"
	"longshore.dev/bench/wsbench/load"
	"longshore.dev/bench/wsbench/ws"
)

func backend(t *testing.T) netip.AddrPort {
	t.Helper()
	server, err := echo.Listen(echo.Listener{Address: netip.MustParseAddrPort("127.0.0.1:0"), Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	addresses, err := server.Addresses()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return addresses["a"]
}

func generator(t *testing.T, address netip.AddrPort, conns int) *load.Generator {
	t.Helper()
	g, err := load.New(load.Target{Address: address, Path: "/websocket"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := g.Dial(conns); err != nil {
		t.Fatal(err)
	}
	if g.Open() != conns {
		t.Fatalf("%d open, want %d", g.Open(), conns)
	}
	return g
}

func clean(t *testing.T, r *load.Result, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if r.Failures() > 0 || r.Count == 0 {
		t.Fatalf("%d done, %s", r.Count, r.Problems())
	}
}

func TestClosedLoopEchoesEverySize(t *testing.T) {
	g := generator(t, backend(t), 20)
	for _, size := range []int{8, 64, 125, 126, 4096, 65535, 65536, 1 << 20} {
		r, err := g.ClosedLoop(context.Background(), size, 50*time.Millisecond)
		clean(t, r, err)
		if r.Count < 20 {
			t.Errorf("%d bytes: %d echoes", size, r.Count)
		}
	}
}

func TestOpenLoopKeepsItsRate(t *testing.T) {
	g := generator(t, backend(t), 50)
	r, err := g.OpenLoop(context.Background(), 64, 2000, 500*time.Millisecond, nil)
	clean(t, r, err)
	if r.Count != 1000 {
		t.Errorf("%d echoes, want 1000", r.Count)
	}
	if r.Latency.TotalCount() != 1000 || r.Late.TotalCount() != 1000 {
		t.Error("not every message was recorded")
	}
}

func TestOnceSendsOverEveryConnection(t *testing.T) {
	g := generator(t, backend(t), 700)
	r, err := g.Once(context.Background(), 4096)
	clean(t, r, err)
	if r.Count != 700 {
		t.Errorf("%d echoes, want 700", r.Count)
	}
}

func TestHandshakes(t *testing.T) {
	g := generator(t, backend(t), 0)
	r, err := g.Handshakes(context.Background(), 8, 200*time.Millisecond)
	clean(t, r, err)
	if r.Count < 8 {
		t.Errorf("%d handshakes", r.Count)
	}
}

// misbehaving serves one WebSocket connection that answers each frame by what answer returns.
func misbehaving(t *testing.T, status string, answer func(h ws.Header, payload []byte) []byte) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(c, status, answer)
		}
	}()
	return netip.MustParseAddrPort(listener.Addr().String())
}

func serve(c net.Conn, status string, answer func(h ws.Header, payload []byte) []byte) {
	defer func() { _ = c.Close() }()
	reader := bufio.NewReader(c)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	fmt.Fprintf(c, "HTTP/1.1 %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		status, ws.AcceptKey(request.Header.Get("Sec-WebSocket-Key")))
	for head := []byte(nil); ; {
		b, err := reader.ReadByte()
		if err != nil {
			return
		}
		head = append(head, b)
		h, size, _ := ws.ParseHeader(head)
		if size == 0 {
			continue
		}
		payload := make([]byte, h.Length)
		for i := range payload {
			payload[i], _ = reader.ReadByte()
		}
		ws.Mask(payload, h.Mask)
		head = nil
		if out := answer(h, payload); out != nil {
			_, _ = c.Write(out)
		} else {
			return
		}
	}
}

func frame(opcode byte, payload []byte) []byte {
	return ws.AppendFrame(nil, ws.Header{Fin: true, Opcode: opcode}, payload)
}

func TestWhatGoesWrongIsCounted(t *testing.T) {
	for name, tc := range map[string]struct {
		answer func(h ws.Header, payload []byte) []byte
		bad    string
	}{
		"another payload": {
			func(_ ws.Header, p []byte) []byte { p[len(p)-1]++; return frame(ws.Binary, p) },
			"dropped: echo differs from what was sent",
		},
		"another stamp": {
			func(_ ws.Header, p []byte) []byte { p[0]++; return frame(ws.Binary, p) },
			"dropped: echo differs from what was sent",
		},
		"twice": {
			func(_ ws.Header, p []byte) []byte { f := frame(ws.Binary, p); return append(f, f...) },
			"dropped: echo differs from what was sent",
		},
		"close": {
			func(ws.Header, []byte) []byte { return frame(ws.Close, []byte{0x03, 0xF4}) },
			"dropped: close 1012",
		},
		"end": {func(ws.Header, []byte) []byte { return nil }, "dropped: eof"},
	} {
		t.Run(name, func(t *testing.T) {
			g := generator(t, misbehaving(t, "101 Switching Protocols", tc.answer), 1)
			r, err := g.ClosedLoop(context.Background(), 64, 100*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if r.Bad[tc.bad] != 1 || g.Open() != 0 {
				t.Errorf("got %q, %d open", r.Problems(), g.Open())
			}
		})
	}
}

func TestPingsAreAnswered(t *testing.T) {
	var pongs atomic.Int32
	answer := func(h ws.Header, p []byte) []byte {
		if h.Opcode == ws.Pong {
			pongs.Add(1)
			return []byte{}
		}
		return append(frame(ws.Ping, []byte("hello")), frame(ws.Binary, p)...)
	}
	g := generator(t, misbehaving(t, "101 Switching Protocols", answer), 1)
	r, err := g.ClosedLoop(context.Background(), 64, 50*time.Millisecond)
	clean(t, r, err)
	if pongs.Load() == 0 {
		t.Error("no pong")
	}
}

func TestARefusedHandshakeIsAnError(t *testing.T) {
	address := misbehaving(t, "503 Service Unavailable", nil)
	g, err := load.New(load.Target{Address: address})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Close() }()
	if err := g.Dial(1); err == nil {
		t.Error("no error")
	} else {
		t.Log(err)
	}
	r, err := g.Handshakes(context.Background(), 1, 20*time.Millisecond)
	if err != nil || r.Bad["handshake: status 503"] == 0 {
		t.Errorf("%v, %v", r, err)
	}
}

func TestBlockingClient(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, err := ws.Dial(ctx, backend(t).String(), "/x?y", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Response.Get("X-Backend"); got != "a" {
		t.Errorf("X-Backend %q", got)
	}
	if err := c.Send(ws.Text, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	h, payload, err := c.Receive(1000)
	if err != nil || h.Opcode != ws.Text || string(payload) != "hello" {
		t.Errorf("%v %q %v", h, payload, err)
	}
	if err := c.Bye(1000); err != nil {
		t.Error(err)
	}
}
