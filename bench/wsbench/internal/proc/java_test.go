package proc

import "testing"

// As JDK 25 prints them, with -Xmx256m.
func TestHeapBoundsOfTheCollectors(t *testing.T) {
	for name, info := range map[string]string{
		"serial": `27330:
DefNew     total 78656K, used 26651K [0x00000000f0000000, 0x00000000f5550000, 0x00000000f5550000)
 eden space 69952K,  38% used [0x00000000f0000000, 0x00000000f1a06d68, 0x00000000f4450000)
Tenured    total 174784K, used 1084K [0x00000000f5550000, 0x0000000100000000, 0x0000000100000000)
 the  space 174784K,   0% used [0x00000000f5550000, 0x00000000f565f298, 0x0000000100000000)`,
		"parallel": `27365:
PSYoungGen      total 76288K, used 26279K [0x00000000fab00000, 0x0000000100000000, 0x0000000100000000)
 eden space 65536K, 40% used [0x00000000fab00000,0x00000000fc4a9dd8,0x00000000feb00000)
ParOldGen       total 175104K, used 1084K [0x00000000f0000000, 0x00000000fab00000, 0x00000000fab00000)`,
		"g1": `27402:
garbage-first heap   total reserved 262144K, committed 262144K, used 10963K [0x00000000f0000000, 0x0000000100000000)
 region size 1024K, 9 young (9216K), 2 survivors (2048K)`,
	} {
		low, high, err := heapBounds(info)
		if low != 0xf0000000 || high != 0x100000000 || err != nil {
			t.Errorf("%s: %x to %x, %v", name, low, high, err)
		}
	}
	if _, _, err := heapBounds("ZHeap used 26M, capacity 256M"); err == nil {
		t.Error("bounds out of nothing")
	}
}
