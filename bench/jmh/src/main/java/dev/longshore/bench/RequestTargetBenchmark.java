package dev.longshore.bench;

import dev.longshore.proxy.route.RequestTarget;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Reading one request target. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RequestTargetBenchmark {

  @Param({
    "/chat/rooms/general/socket",
    "/chat/rooms/general/socket?token=0123456789abcdef&v=2",
    "/chat/./rooms//general/%7euser/../socket;v=1?token=0123456789abcdef"
  })
  String target = "/";

  @Benchmark
  public RequestTarget parse() {
    return RequestTarget.parse(target);
  }
}
