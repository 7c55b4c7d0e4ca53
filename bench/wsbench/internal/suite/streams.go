package suite

import (
	"context"
	"errors"
	"slices"
	"time"

	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/load"
)

const (
	h2Connections = 10
	h2Streams     = 10
)

// h2Requests asks for pages over HTTP/2, of backends that speak HTTP/1.1.
func (b *Bench) h2Requests(ctx context.Context, o *Outcome) error {
	return b.h2(ctx, o, "request", false, b.Options.Peers)
}

// h2Echoes sends messages over WebSockets that are streams (RFC 8441), which nginx has none of.
func (b *Bench) h2Echoes(ctx context.Context, o *Outcome) error {
	return b.h2(ctx, o, "round trip", true, slices.DeleteFunc(slices.Clone(b.Options.Peers), func(name string) bool {
		return name == peer.Nginx
	}))
}

func (b *Bench) h2(ctx context.Context, o *Outcome, unit string, websocket bool, who []string) error {
	const size = 64
	perUnit := o.metric(Metric{Name: "CPU per " + unit, Unit: "µs", Aim: 1.0})
	p99 := o.metric(Metric{Name: "p99", Unit: "µs"})
	bad := faults{}
	loop := func(ctx context.Context, p *peer.Peer, length time.Duration, count bool) (err error) {
		if !slices.Contains(who, p.Name) {
			return nil
		}
		s, err := load.DialStreams(ctx, load.Target{Address: p.Address, Path: peer.Path}, h2Connections, h2Streams, websocket)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		if _, err := s.ClosedLoop(ctx, h2Streams, size, settle); err != nil {
			return err
		}
		result, used, err := cost(p, func() (*load.Result, error) { return s.ClosedLoop(ctx, h2Streams, size, length) })
		if err != nil {
			return err
		}
		bad.add(p, result)
		if count {
			perUnit.add(p, each(used, result.Count))
			p99.add(p, result.Quantile(99))
		}
		return nil
	}
	err := b.rounds(ctx, false,
		func(ctx context.Context, p *peer.Peer, length time.Duration) error {
			return loop(ctx, p, length, false)
		},
		func(ctx context.Context, p *peer.Peer, length time.Duration) error { return loop(ctx, p, length, true) })
	bad.note(o)
	o.note("In the clear, by prior knowledge; %d connections with %d streams each; the generator is a goroutine a "+
		"connection and takes its share of the machine, so rates are not told.", h2Connections, h2Streams)
	return err
}
