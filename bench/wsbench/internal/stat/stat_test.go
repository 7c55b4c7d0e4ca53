package stat

import (
	"math"
	"testing"
)

func upTo(n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[n-1-i] = float64(i + 1)
	}
	return values
}

func TestMedian(t *testing.T) {
	for n, want := range map[int]float64{1: 1, 2: 1.5, 7: 4, 8: 4.5} {
		if got := Median(upTo(n)); got != want {
			t.Errorf("%d values: %v, want %v", n, got, want)
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("a median of nothing")
	}
}

// The ranks are those of the sign test's tables.
func TestInterval(t *testing.T) {
	for n, rank := range map[int]int{5: 1, 6: 1, 7: 1, 8: 1, 9: 2, 11: 2, 12: 3, 15: 4, 20: 6, 25: 8} {
		low, high := Interval(upTo(n))
		if low != float64(rank) || high != float64(n+1-rank) {
			t.Errorf("%d values: ranks %v to %v, want %d to %d", n, low, high, rank, n+1-rank)
		}
	}
}

func TestCompareLeavesOutWhatIsMissing(t *testing.T) {
	nan := math.NaN()
	got := Compare([]float64{2, nan, 6, 1}, []float64{1, 1, 2, 0})
	if got.Pairs != 2 || got.Median != 2.5 {
		t.Errorf("%+v", got)
	}
}
