package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/summerwind/h2spec/config"
	"github.com/summerwind/h2spec/spec"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	enableConnectProtocol http2.SettingID = 8
	stream                uint32          = 1
)

// Fields of a handshake of HTTP/1.1 that none of HTTP/2 has (RFC 8441 §5).
var notOnStreams = []string{"connection", "upgrade", "sec-websocket-accept", "transfer-encoding"}

// Bootstrapping WebSockets with HTTP/2 (RFC 8441), and CONNECT beside it (RFC 9113 §8.5).
func webSockets() *spec.TestGroup {
	root := &spec.TestGroup{Key: "websocket", Name: "Bootstrapping WebSockets with HTTP/2 (RFC 8441)"}

	settings := group("3", "The SETTINGS_ENABLE_CONNECT_PROTOCOL SETTINGS Parameter")
	settings.AddTestCase(&spec.TestCase{
		Desc:        "Begins a connection",
		Requirement: "The endpoint says in its first SETTINGS that streams can be WebSockets.",
		Run: func(c *config.Config, conn *spec.Conn) error {
			if err := conn.Handshake(); err != nil {
				return err
			}
			if conn.Settings[enableConnectProtocol] != 1 {
				return unexpected(fmt.Sprintf("SETTINGS %v", conn.Settings), "SETTINGS_ENABLE_CONNECT_PROTOCOL = 1")
			}
			return nil
		},
	})
	root.AddTestGroup(settings)

	malformed := group("4", "The Extended CONNECT Method")
	for _, each := range []struct {
		desc string
		head func(c *config.Config) fields
	}{
		{`omits ":scheme"`, func(c *config.Config) fields { return connect(c).without(":scheme") }},
		{`omits ":path"`, func(c *config.Config) fields { return connect(c).without(":path") }},
		{`has an empty ":path"`, func(c *config.Config) fields { return connect(c).with(":path", "") }},
		{`has a ":path" that is no path`, func(c *config.Config) fields { return connect(c).with(":path", "http://other/") }},
		{`has ":protocol" twice`, func(c *config.Config) fields {
			return append(fields{spec.HeaderField(":protocol", "websocket")}, connect(c)...)
		}},
		{`has ":protocol" behind other fields`, func(c *config.Config) fields {
			return connect(c).without(":protocol").and(":protocol", "websocket")
		}},
		{`has ":protocol" and is a GET`, func(c *config.Config) fields { return connect(c).with(":method", "GET") }},
		{`has ":scheme" and ":path" and no ":protocol"`, func(c *config.Config) fields {
			return connect(c).without(":protocol")
		}},
		{"has neither :protocol nor :authority", func(c *config.Config) fields {
			return fields{spec.HeaderField(":method", "CONNECT")}
		}},
		{"has the fields of a handshake of HTTP/1.1", func(c *config.Config) fields {
			return connect(c).and("connection", "upgrade").and("upgrade", "websocket")
		}},
	} {
		malformed.AddTestCase(&spec.TestCase{
			Desc:        "Sends a CONNECT that " + each.desc,
			Requirement: "The endpoint MUST treat it as a stream error of type PROTOCOL_ERROR.",
			Run: func(c *config.Config, conn *spec.Conn) error {
				if err := ask(conn, each.head(c), false); err != nil {
					return err
				}
				if err := verifyReset(conn, http2.ErrCodeProtocol); err != nil {
					return err
				}
				return verifyAlive(conn)
			},
		})
	}
	root.AddTestGroup(malformed)

	refused := group("4.1", "What is no WebSocket")
	for _, each := range []struct {
		desc string
		head func(c *config.Config) fields
		last bool
		code int
	}{
		{"asks for connect-udp", func(c *config.Config) fields { return connect(c).with(":protocol", "connect-udp") }, false, 501},
		{`has an empty ":protocol"`, func(c *config.Config) fields { return connect(c).with(":protocol", "") }, false, 501},
		{"asks for a tunnel of TCP", func(c *config.Config) fields {
			return fields{spec.HeaderField(":method", "CONNECT"), spec.HeaderField(":authority", c.Addr())}
		}, false, 501},
		{"ends its stream", connect, true, 400},
		{"has a length", func(c *config.Config) fields { return connect(c).and("content-length", "5") }, false, 400},
		{`has no ":authority"`, func(c *config.Config) fields { return connect(c).without(":authority") }, false, 400},
		{"has no version", func(c *config.Config) fields { return connect(c).without("sec-websocket-version") }, false, 426},
		{"has version 8", func(c *config.Config) fields { return connect(c).with("sec-websocket-version", "8") }, false, 426},
	} {
		refused.AddTestCase(&spec.TestCase{
			Desc:        "Sends a CONNECT that " + each.desc,
			Requirement: fmt.Sprintf("The endpoint answers %d on that stream, and goes on.", each.code),
			Run: func(c *config.Config, conn *spec.Conn) error {
				if err := ask(conn, each.head(c), each.last); err != nil {
					return err
				}
				if _, err := verifyStatus(conn, each.code); err != nil {
					return err
				}
				return verifyAlive(conn)
			},
		})
	}
	root.AddTestGroup(refused)

	opened := group("5", "Using Extended CONNECT to Bootstrap the WebSocket Protocol")
	opened.AddTestCase(&spec.TestCase{
		Desc:        "Sends messages, and ends the stream",
		Requirement: "The endpoint answers 200 without the fields of HTTP/1.1, echoes in DATA frames, and ends its side.",
		Run: func(c *config.Config, conn *spec.Conn) error {
			if err := open(c, conn); err != nil {
				return err
			}
			conn.WriteData(stream, false, []byte("\x81\x82\x00\x00\x00\x00hi"))
			if err := verifyData(conn, []byte("\x81\x02hi")); err != nil {
				return err
			}
			conn.WriteData(stream, false, []byte("\x88\x82\x00\x00\x00\x00\x03\xe8"))
			if err := verifyData(conn, []byte("\x88\x02\x03\xe8")); err != nil {
				return err
			}
			conn.WriteData(stream, true, nil)
			if err := spec.VerifyStreamClose(conn); err != nil {
				return err
			}
			return verifyAlive(conn)
		},
	})
	opened.AddTestCase(&spec.TestCase{
		Desc:        "Sends a message in frames of one byte, padded",
		Requirement: "The endpoint takes the message for one.",
		Run: func(c *config.Config, conn *spec.Conn) error {
			if err := open(c, conn); err != nil {
				return err
			}
			for _, each := range []byte("\x81\x82\x00\x00\x00\x00hi") {
				conn.WriteDataPadded(stream, false, []byte{each}, make([]byte, 7))
			}
			return verifyData(conn, []byte("\x81\x02hi"))
		},
	})
	opened.AddTestCase(&spec.TestCase{
		Desc:        "Resets the stream of a WebSocket",
		Requirement: "The endpoint goes on, and the stream is no more.",
		Run: func(c *config.Config, conn *spec.Conn) error {
			if err := open(c, conn); err != nil {
				return err
			}
			conn.WriteRSTStream(stream, http2.ErrCodeCancel)
			return verifyAlive(conn)
		},
	})
	for _, last := range []bool{true, false} {
		opened.AddTestCase(&spec.TestCase{
			Desc:        fmt.Sprintf("Sends a HEADERS frame on the stream of a WebSocket (END_STREAM: %t)", last),
			Requirement: "The endpoint MUST treat it as a stream error (RFC 9113 §8.5).",
			Run: func(c *config.Config, conn *spec.Conn) error {
				if err := open(c, conn); err != nil {
					return err
				}
				conn.WriteHeaders(http2.HeadersFrameParam{
					StreamID:      stream,
					EndStream:     last,
					EndHeaders:    true,
					BlockFragment: conn.EncodeHeaders(fields{spec.HeaderField("x-sum", "7")}),
				})
				if err := verifyReset(conn, http2.ErrCodeProtocol); err != nil {
					return err
				}
				return verifyAlive(conn)
			},
		})
	}
	root.AddTestGroup(opened)
	return root
}

func group(section string, name string) *spec.TestGroup {
	return &spec.TestGroup{Key: "websocket", Section: section, Name: name}
}

// A header list, and others that differ in one field.
type fields []hpack.HeaderField

func connect(c *config.Config) fields {
	return fields{
		spec.HeaderField(":method", "CONNECT"),
		spec.HeaderField(":protocol", "websocket"),
		spec.HeaderField(":scheme", c.Scheme()),
		spec.HeaderField(":authority", c.Addr()),
		spec.HeaderField(":path", "/socket"),
		spec.HeaderField("sec-websocket-version", "13"),
	}
}

func (list fields) without(name string) fields {
	return slices.DeleteFunc(slices.Clone(list), func(each hpack.HeaderField) bool { return each.Name == name })
}

func (list fields) with(name string, value string) fields {
	changed := slices.Clone(list)
	for i := range changed {
		if changed[i].Name == name {
			changed[i].Value = value
		}
	}
	return changed
}

func (list fields) and(name string, value string) fields {
	return append(slices.Clone(list), spec.HeaderField(name, value))
}

// Begins a connection, and a stream on it with this head.
func ask(conn *spec.Conn, head fields, last bool) error {
	if err := conn.Handshake(); err != nil {
		return err
	}
	return conn.WriteHeaders(http2.HeadersFrameParam{
		StreamID:      stream,
		EndStream:     last,
		EndHeaders:    true,
		BlockFragment: conn.EncodeHeaders(head),
	})
}

// Begins a connection, and a WebSocket on it, which has greeted.
func open(c *config.Config, conn *spec.Conn) error {
	if err := ask(conn, connect(c), false); err != nil {
		return err
	}
	answer, err := verifyStatus(conn, 200)
	if err != nil {
		return err
	}
	for _, each := range answer {
		if slices.Contains(notOnStreams, each.Name) {
			return unexpected("the field "+each.Name, "none of "+fmt.Sprint(notOnStreams))
		}
	}
	event, found := conn.WaitEventByType(spec.EventDataFrame)
	if !found {
		return unexpected(event.String(), "a greeting in a DATA Frame")
	}
	return nil
}

// Waits for the head of the answer.
func verifyStatus(conn *spec.Conn, code int) (fields, error) {
	expected := fmt.Sprintf("HEADERS Frame with :status %d", code)
	event, found := conn.WaitEventByType(spec.EventHeadersFrame)
	if !found {
		return nil, unexpected(event.String(), expected)
	}
	head := event.(spec.HeadersFrameEvent)
	list, err := hpack.NewDecoder(4096, nil).DecodeFull(head.HeaderBlockFragment())
	if err != nil {
		return nil, err
	}
	for _, each := range list {
		if each.Name == ":status" && each.Value == strconv.Itoa(code) {
			return list, nil
		}
	}
	return nil, unexpected(fmt.Sprint(list), expected)
}

// Waits for DATA whose payloads begin with these bytes.
func verifyData(conn *spec.Conn, expected []byte) error {
	var come []byte
	for len(come) < len(expected) {
		event, found := conn.WaitEventByType(spec.EventDataFrame)
		if !found {
			return unexpected(event.String(), fmt.Sprintf("DATA Frame with %q", expected))
		}
		data := event.(spec.DataFrameEvent)
		come = append(come, data.Data()...)
	}
	if !bytes.Equal(come, expected) {
		return unexpected(fmt.Sprintf("%q", come), fmt.Sprintf("%q", expected))
	}
	return nil
}

// Waits for the reset of the stream: unlike spec.VerifyStreamError takes no end of the connection instead.
func verifyReset(conn *spec.Conn, code http2.ErrCode) error {
	expected := fmt.Sprintf("RST_STREAM Frame (%s)", code)
	event, found := conn.WaitEventByType(spec.EventRSTStreamFrame)
	if !found {
		return unexpected(event.String(), expected)
	}
	if reset := event.(spec.RSTStreamFrameEvent); reset.ErrCode != code {
		return unexpected(reset.String(), expected)
	}
	return nil
}

// The connection still serves.
func verifyAlive(conn *spec.Conn) error {
	data := [8]byte{'h', '2', 's', 'p', 'e', 'c'}
	conn.WritePing(false, data)
	return spec.VerifyPingFrameWithAck(conn, data)
}

func unexpected(actual string, expected ...string) error {
	return &spec.TestError{Expected: expected, Actual: actual}
}
