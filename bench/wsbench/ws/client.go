package ws

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// StatusError is a handshake that was answered with something else than a valid 101.
type StatusError struct {
	// Status is the HTTP status; 101 when the answer was a 101 that breaks RFC 6455 §4.1.
	Status int
	Header http.Header
	Why    string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("handshake answered %d: %s", e.Status, e.Why)
}

// Conn is a blocking client connection, for probes and tests; the load generator has its own.
// Not for use by several goroutines at once.
type Conn struct {
	net.Conn
	// Response holds the headers of the 101.
	Response http.Header
	reader   *bufio.Reader
}

// Dial connects to address (host:port) and upgrades at target (path and query). Extra headers may
// replace the Host, which else is address. The context bounds connecting and the handshake.
func Dial(ctx context.Context, address, target string, extra http.Header) (*Conn, error) {
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := raw.SetDeadline(deadline); err != nil {
			return nil, closing(raw, err)
		}
	}
	conn, err := upgrade(raw, address, target, extra)
	if err != nil {
		return nil, closing(raw, err)
	}
	return conn, raw.SetDeadline(time.Time{})
}

func upgrade(raw net.Conn, address, target string, extra http.Header) (*Conn, error) {
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	key := base64.StdEncoding.EncodeToString(nonce)
	host := address
	if given := extra.Get("Host"); given != "" {
		host = given
	}
	var request strings.Builder
	fmt.Fprintf(&request, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"+
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n",
		target, host, key)
	for name, values := range extra {
		for _, value := range values {
			if name != "Host" {
				fmt.Fprintf(&request, "%s: %s\r\n", name, value)
			}
		}
	}
	request.WriteString("\r\n")
	if _, err := io.WriteString(raw, request.String()); err != nil {
		return nil, err
	}
	reader := bufio.NewReaderSize(raw, 4096)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		return nil, &StatusError{response.StatusCode, response.Header, response.Status}
	}
	if got := response.Header.Get("Sec-WebSocket-Accept"); got != AcceptKey(key) {
		return nil, &StatusError{response.StatusCode, response.Header, "wrong Sec-WebSocket-Accept"}
	}
	return &Conn{Conn: raw, Response: response.Header, reader: reader}, nil
}

// Send writes one masked frame.
func (c *Conn) Send(opcode byte, payload []byte) error {
	h := Header{Fin: true, Opcode: opcode, Masked: true}
	if _, err := rand.Read(h.Mask[:]); err != nil {
		return err
	}
	_, err := c.Write(AppendFrame(make([]byte, 0, len(payload)+MaxHeader), h, payload))
	return err
}

// Receive reads one frame, control frames too. Payloads over limit bytes are an error.
func (c *Conn) Receive(limit uint64) (Header, []byte, error) {
	head := make([]byte, 0, MaxHeader)
	for {
		h, size, err := ParseHeader(head)
		if err != nil {
			return h, nil, err
		}
		if size == 0 {
			b, err := c.reader.ReadByte()
			if err != nil {
				return h, nil, err
			}
			head = append(head, b)
			continue
		}
		if h.Length > limit {
			return h, nil, fmt.Errorf("frame of %d bytes, more than %d", h.Length, limit)
		}
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(c.reader, payload); err != nil {
			return h, nil, err
		}
		if h.Masked {
			Mask(payload, h.Mask)
		}
		return h, payload, nil
	}
}

// Bye sends Close with the code, reads until the peer has closed, and closes the connection.
func (c *Conn) Bye(code uint16) error {
	if err := c.Send(Close, binary.BigEndian.AppendUint16(nil, code)); err != nil {
		return closing(c.Conn, err)
	}
	if _, err := io.Copy(io.Discard, c.reader); err != nil {
		return closing(c.Conn, err)
	}
	return c.Conn.Close()
}

// closing closes c on the way out with err, which is what the caller needs to hear of.
func closing(c net.Conn, err error) error {
	_ = c.Close()
	return err
}
