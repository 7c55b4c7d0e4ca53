// Package stat judges paired measurements: the median of their ratios and an interval that holds the
// true median with at least 95 % confidence, whatever the distribution.
package stat

import (
	"math"
	"slices"
)

// Median of the values; NaN without any.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Interval is the range between two order statistics, the narrowest symmetrical pair that covers the
// true median with confidence 95 % or more; for fewer than six values that is out of reach and the
// whole range is returned.
func Interval(values []float64) (low, high float64) {
	n := len(values)
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	// The median lies below the k-th smallest value when fewer than k of n fair coins fall heads.
	cut, tail, coin := 0, 0.0, math.Pow(0.5, float64(n))
	for k := 0; k < n/2; k++ {
		if tail += coin; 2*tail > 0.05 {
			break
		}
		cut = k
		coin *= float64(n-k) / float64(k+1)
	}
	return sorted[cut], sorted[n-1-cut]
}

// Ratio compares two series taken in the same rounds.
type Ratio struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Pairs  int     `json:"pairs"`
}

// Compare divides a by b round by round. Rounds in which either is missing (NaN) or b is not positive
// are left out.
func Compare(a, b []float64) Ratio {
	var ratios []float64
	for i := range min(len(a), len(b)) {
		if r := a[i] / b[i]; b[i] > 0 && !math.IsNaN(r) {
			ratios = append(ratios, r)
		}
	}
	low, high := Interval(ratios)
	return Ratio{Median(ratios), low, high, len(ratios)}
}
