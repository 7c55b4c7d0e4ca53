package suite

import (
	"context"
	"fmt"
	"time"

	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/internal/proc"
)

// subject is a fresh instance of a peer with its own backends and tunnels.
type subject struct {
	peer     *peer.Peer
	backends *proc.Process
	holder   *holder
	// rss, live and outside in bytes, with few and with many tunnels; the latter two of a JVM only.
	rss           [2]int64
	live, outside [2]int64
}

func (s *subject) stop() {
	if s.holder != nil {
		s.holder.stop()
	}
	if s.peer != nil {
		s.peer.Stop()
	}
	if s.backends != nil {
		s.backends.Stop(0)
	}
}

// memory opens few tunnels, then many, through fresh instances of all peers at once, sends traffic
// over each, lets them rest, and takes the slope between the two: what one more idle tunnel costs.
func (b *Bench) memory(ctx context.Context, o *Outcome) error {
	few, many := b.Options.Few, b.Options.Many
	slope := o.metric(Metric{Name: "per idle tunnel", Unit: "KB", Aim: 1.0, Nginx: 0.5})
	rss := o.metric(Metric{Name: "per idle tunnel, resident", Unit: "KB"})
	base := o.metric(Metric{Name: fmt.Sprintf("resident with %d tunnels", few), Unit: "MB"})
	o.note("Slope between %d and %d tunnels, after traffic (64 bytes and 4 KiB each way, twice) and %v of rest; "+
		"one measurement, no interval. Native peers: resident memory. Longshore: live heap after a collection "+
		"plus all resident memory outside the heap.", few, many, b.Options.Idle)
	var subjects []*subject
	defer func() {
		for _, s := range subjects {
			s.stop()
		}
	}()
	for _, name := range b.Options.Peers {
		s := &subject{}
		subjects = append(subjects, s)
		if err := b.subject(ctx, s, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for stage, n := range []int{few, many - few} {
		for _, s := range subjects {
			for _, what := range []order{{Dial: n}, {Once: 64}, {Once: 4096}, {Once: 64}, {Once: 4096}} {
				if err := s.holder.do(what); err != nil {
					return fmt.Errorf("%s: %w", s.peer.Name, err)
				}
			}
		}
		b.say("  %d tunnels through each, resting %v", []int{few, many}[stage], b.Options.Idle)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(b.Options.Idle):
		}
		for _, s := range subjects {
			if err := s.weigh(stage); err != nil {
				return fmt.Errorf("%s: %w", s.peer.Name, err)
			}
		}
	}
	for _, s := range subjects {
		marginal := func(at [2]int64) float64 { return float64(at[1]-at[0]) / float64(many-few) / 1024 }
		rss.add(s.peer, marginal(s.rss))
		base.add(s.peer, float64(s.rss[0])/(1<<20))
		if s.live[0] == 0 {
			slope.add(s.peer, marginal(s.rss))
			continue
		}
		slope.add(s.peer, marginal(s.live)+marginal(s.outside))
		o.note("%s: %.2f KB of live heap and %.2f KB outside the heap per tunnel; %.0f MB live, %.0f MB outside with %d tunnels.",
			s.peer.Name, marginal(s.live), marginal(s.outside), float64(s.live[1])/(1<<20), float64(s.outside[1])/(1<<20), many)
	}
	return nil
}

func (b *Bench) subject(ctx context.Context, s *subject, name string) (err error) {
	setup := b.Setup
	if setup.A, setup.B, s.backends, err = peer.Backends(setup, "-memory-"+name); err != nil {
		return err
	}
	if s.peer, err = b.launch(ctx, setup, name, "-memory"); err != nil {
		return err
	}
	s.holder, err = hold(ctx, setup.Self, s.peer.Address)
	return err
}

func (s *subject) weigh(stage int) error {
	var err error
	if s.rss[stage], err = s.peer.Process.RSS(); err != nil {
		return err
	}
	java, err := s.peer.Process.Java()
	if err != nil || java == 0 {
		return err
	}
	held, err := s.peer.Process.Memory()
	s.live[stage], s.outside[stage] = held.Live, held.Outside
	return err
}
