package ws

import (
	"bytes"
	"testing"
)

func TestHeadersSurviveARoundTrip(t *testing.T) {
	for _, length := range []uint64{0, 1, 125, 126, 127, 65535, 65536, 1 << 40} {
		for _, masked := range []bool{false, true} {
			want := Header{Fin: true, Opcode: Binary, Masked: masked, Length: length}
			if masked {
				want.Mask = [4]byte{1, 2, 3, 4}
			}
			b := AppendHeader(nil, want)
			for cut := range b {
				if _, size, err := ParseHeader(b[:cut]); size != 0 || err != nil {
					t.Errorf("%d of %d bytes: size %d, %v", cut, len(b), size, err)
				}
			}
			got, size, err := ParseHeader(b)
			if got != want || size != len(b) || err != nil {
				t.Errorf("got %+v, %d, %v; want %+v", got, size, err, want)
			}
		}
	}
}

func TestIllegalHeadersAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"reserved bit":      {0xC1, 0},
		"fragmented ping":   {0x09, 0},
		"long close":        {0x88, 126, 0, 126},
		"length of 64 bits": {0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0},
	} {
		if _, _, err := ParseHeader(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestMaskIsItsOwnInverseAndStartsAtTheFirstByte(t *testing.T) {
	for n := range 100 {
		plain := bytes.Repeat([]byte{0xA5}, n)
		got := bytes.Clone(plain)
		key := [4]byte{1, 2, 3, 4}
		Mask(got, key)
		for i, b := range got {
			if b != 0xA5^key[i%4] {
				t.Fatalf("byte %d of %d: %x", i, n, b)
			}
		}
		Mask(got, key)
		if !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: not its own inverse", n)
		}
	}
}

func TestAcceptKeyOfTheRFC(t *testing.T) {
	if got := AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Error(got)
	}
}
