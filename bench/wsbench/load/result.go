package load

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Result is what one measured stretch of load brought.
type Result struct {
	// Count of completed units: echoes, or handshakes.
	Count int64
	// Bad counts what went wrong, by reason: "dropped: eof", "handshake: 503", "unanswered", ….
	Bad map[string]int64
	// Elapsed from the first send to the last answer.
	Elapsed time.Duration
	// Latency in nanoseconds. Closed loop: from the send; open loop: from the moment the schedule
	// wanted the send, so that a stall counts for every message it held up (no coordinated omission).
	Latency *hdrhistogram.Histogram
	// Late in nanoseconds: how far behind its schedule the generator itself sent (open loop only).
	Late *hdrhistogram.Histogram
}

func newResult() *Result {
	return &Result{Bad: map[string]int64{}, Latency: newHistogram(), Late: newHistogram()}
}

// newHistogram covers 1 µs to 1 min with three digits.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1000, int64(time.Minute), 3)
}

// Rate per second.
func (r *Result) Rate() float64 { return float64(r.Count) / r.Elapsed.Seconds() }

// Quantile of the latency in microseconds; q in percent.
func (r *Result) Quantile(q float64) float64 {
	return float64(r.Latency.ValueAtQuantile(q)) / 1000
}

// Failures is the sum of Bad.
func (r *Result) Failures() int64 {
	var sum int64
	for _, n := range r.Bad {
		sum += n
	}
	return sum
}

// Problems lists Bad in one line, "" when there is nothing to tell.
func (r *Result) Problems() string {
	parts := make([]string, 0, len(r.Bad))
	for reason, n := range r.Bad {
		parts = append(parts, fmt.Sprintf("%d× %s", n, reason))
	}
	sort.Strings(parts)
	return strings.Join(parts, ", ")
}

func record(h *hdrhistogram.Histogram, nanoseconds int64) {
	_ = h.RecordValue(min(max(nanoseconds, 1000), int64(time.Minute)))
}
