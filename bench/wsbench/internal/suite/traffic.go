package suite

import (
	"context"
	"math"
	"time"

	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/internal/stat"
	"longshore.dev/bench/wsbench/load"
)

// settle is how long a turn's connections carry load before it counts.
const settle = 200 * time.Millisecond

// headroom is how many times the tested rate the direct path has to reach, or the generator was part
// of what was measured.
const headroom = 3

// limits are what bench/README.md asks of the processor time: the aim and the bound against the best
// peer, the bound against nginx (0: none).
type limits struct{ aim, limit, nginx float64 }

func echoes(size, conns int, l limits) func(*Bench, context.Context, *Outcome) error {
	return func(b *Bench, ctx context.Context, o *Outcome) error {
		perTrip := o.metric(Metric{Name: "CPU per round trip", Unit: "µs", Aim: l.aim, Limit: l.limit, Nginx: l.nginx})
		rate := o.metric(Metric{Name: "round trips", Unit: "1/s", Higher: true, Aim: 1.3, Limit: 1.0})
		bad := faults{}
		loop := func(ctx context.Context, p *peer.Peer, length time.Duration, count bool) error {
			return tunnels(p, conns, func(g *load.Generator) error {
				if _, err := g.ClosedLoop(ctx, size, settle); err != nil {
					return err
				}
				result, used, err := cost(p, func() (*load.Result, error) { return g.ClosedLoop(ctx, size, length) })
				if err != nil {
					return err
				}
				bad.add(p, result)
				if count {
					rate.add(p, result.Rate())
					if p.Process != nil {
						perTrip.add(p, each(used, result.Count))
					}
				}
				return nil
			})
		}
		err := b.rounds(ctx, true,
			func(ctx context.Context, p *peer.Peer, length time.Duration) error {
				return loop(ctx, p, length, false)
			},
			func(ctx context.Context, p *peer.Peer, length time.Duration) error { return loop(ctx, p, length, true) })
		bad.note(o)
		direct := stat.Median(rate.Values[peer.Direct])
		delete(rate.Values, peer.Direct)
		if size == 64 {
			b.capacity = stat.Median(rate.Values[b.reference()])
		}
		if !checkHeadroom(o, direct, fastest(rate)) {
			rate.Aim, rate.Limit = 0, 0
		}
		return err
	}
}

// checkHeadroom notes, and returns, whether the direct path left enough room above the tested rate.
func checkHeadroom(o *Outcome, direct, tested float64) bool {
	verdict, enough := "enough", direct >= headroom*tested
	if !enough {
		verdict = "**less than 3×: rates are bounded by the generator, only the processor time counts**"
	}
	o.note("The direct path reached %.0f/s, %.1f× the tested rate of %.0f/s: %s.", direct, direct/tested, tested, verdict)
	return enough
}

// fastest is the highest median of the peers.
func fastest(m *Metric) float64 {
	best := 0.0
	for _, values := range m.Values {
		best = max(best, stat.Median(values))
	}
	return best
}

// reference is the peer that ratios are against: nginx, or the first when it takes no part.
func (b *Bench) reference() string {
	for _, name := range b.Options.Peers {
		if name == peer.Nginx {
			return name
		}
	}
	return b.Options.Peers[0]
}

// calibrate finds the reference's closed-loop rate when the echo scenario hasn't.
func (b *Bench) calibrate(ctx context.Context) error {
	if b.capacity > 0 {
		return nil
	}
	for _, p := range b.peers {
		if p.Name != b.reference() {
			continue
		}
		return tunnels(p, 100, func(g *load.Generator) error {
			if peer.IsLongshore(p.Name) {
				if _, err := g.ClosedLoop(ctx, 64, b.Options.WarmUp); err != nil {
					return err
				}
			}
			result, err := g.ClosedLoop(ctx, 64, time.Second)
			if err == nil {
				b.capacity = result.Rate()
			}
			return err
		})
	}
	return nil
}

func (b *Bench) latency(ctx context.Context, o *Outcome) error {
	if err := b.start(ctx); err != nil {
		return err
	}
	if err := b.calibrate(ctx); err != nil {
		return err
	}
	rate := math.Floor(b.capacity/2/100) * 100
	quantiles := []struct {
		name   string
		q      float64
		limits limits
	}{{"p50", 50, limits{1.0, 1.2, 0}}, {"p99", 99, limits{1.0, 1.3, 0}}, {"p99.9", 99.9, limits{1.0, 2.0, 0}}}
	perMessage := o.metric(Metric{Name: "CPU per round trip", Unit: "µs", Aim: 0.8, Limit: 1.0, Nginx: 1.0})
	var added, whole []*Metric
	for _, q := range quantiles {
		added = append(added, o.metric(Metric{Name: "added " + q.name, Unit: "µs", Aim: q.limits.aim, Limit: q.limits.limit}))
		whole = append(whole, &Metric{Values: map[string][]float64{}})
	}
	late := &Metric{Values: map[string][]float64{}}
	bad := faults{}
	var direct float64
	err := b.rounds(ctx, true, b.warmRate(64, 100, rate),
		func(ctx context.Context, p *peer.Peer, length time.Duration) error {
			return tunnels(p, 100, func(g *load.Generator) error {
				if p.Name == peer.Direct {
					result, err := g.ClosedLoop(ctx, 64, settle)
					if err != nil {
						return err
					}
					direct = max(direct, result.Rate())
				}
				if _, err := g.OpenLoop(ctx, 64, rate, settle, nil); err != nil {
					return err
				}
				result, used, err := cost(p, func() (*load.Result, error) {
					return g.OpenLoop(ctx, 64, rate, length*3/2, nil)
				})
				if err != nil {
					return err
				}
				bad.add(p, result)
				late.add(p, float64(result.Late.ValueAtQuantile(99))/1000)
				for i, q := range quantiles {
					whole[i].add(p, result.Quantile(q.q))
				}
				if p.Process != nil {
					perMessage.add(p, each(used, result.Count))
				}
				return nil
			})
		})
	for i := range quantiles {
		for name, values := range whole[i].Values {
			for round, value := range values {
				if base := whole[i].Values[peer.Direct]; name != peer.Direct && round < len(base) {
					// Less than a microsecond is below what the clock and the scheduler can tell.
					added[i].Values[name] = append(added[i].Values[name], max(1, value-base[round]))
				}
			}
		}
	}
	bad.note(o)
	o.note("Rate: %.0f/s. The direct path's own p50/p99/p99.9, subtracted from each: %.0f/%.0f/%.0f µs. "+
		"The generator's own delay is in all of them: p99 %.0f µs.", rate, stat.Median(whole[0].Values[peer.Direct]),
		stat.Median(whole[1].Values[peer.Direct]), stat.Median(whole[2].Values[peer.Direct]), stat.Median(late.Values[peer.Direct]))
	checkHeadroom(o, direct, rate)
	return err
}

// warmRate drives a peer at a rate.
func (b *Bench) warmRate(size, conns int, rate float64) turn {
	return func(ctx context.Context, p *peer.Peer, length time.Duration) error {
		return tunnels(p, conns, func(g *load.Generator) error {
			_, err := g.OpenLoop(ctx, size, rate, length, nil)
			return err
		})
	}
}

func (b *Bench) fanout(ctx context.Context, o *Outcome) error {
	const conns, rate = 1000, 5000
	perMessage := o.metric(Metric{Name: "CPU per round trip", Unit: "µs", Aim: 0.8, Limit: 1.0})
	p99 := o.metric(Metric{Name: "p99", Unit: "µs"})
	bad := faults{}
	err := b.rounds(ctx, false, b.warmRate(64, conns, rate),
		func(ctx context.Context, p *peer.Peer, length time.Duration) error {
			return tunnels(p, conns, func(g *load.Generator) error {
				if _, err := g.OpenLoop(ctx, 64, rate, settle, nil); err != nil {
					return err
				}
				result, used, err := cost(p, func() (*load.Result, error) { return g.OpenLoop(ctx, 64, rate, length, nil) })
				if err != nil {
					return err
				}
				bad.add(p, result)
				perMessage.add(p, each(used, result.Count))
				p99.add(p, result.Quantile(99))
				return nil
			})
		})
	bad.note(o)
	return err
}

func (b *Bench) handshake(ctx context.Context, o *Outcome) error {
	const concurrency = 16
	perShake := o.metric(Metric{Name: "CPU per handshake and close", Unit: "µs", Aim: 1.0, Limit: 1.2})
	rate := o.metric(Metric{Name: "handshakes", Unit: "1/s", Higher: true})
	p99 := o.metric(Metric{Name: "p99 until 101", Unit: "µs"})
	bad := faults{}
	shake := func(ctx context.Context, p *peer.Peer, length time.Duration, count bool) error {
		return tunnels(p, 0, func(g *load.Generator) error {
			result, used, err := cost(p, func() (*load.Result, error) { return g.Handshakes(ctx, concurrency, length) })
			if err != nil {
				return err
			}
			bad.add(p, result)
			if count {
				perShake.add(p, each(used, result.Count))
				rate.add(p, result.Rate())
				p99.add(p, result.Quantile(99))
			}
			return nil
		})
	}
	err := b.rounds(ctx, false,
		func(ctx context.Context, p *peer.Peer, length time.Duration) error {
			return shake(ctx, p, length, false)
		},
		func(ctx context.Context, p *peer.Peer, length time.Duration) error {
			return shake(ctx, p, length, true)
		})
	bad.note(o)
	return err
}
