package io.whygate.benchmarks.micro;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.reading.ConfigReader;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.routing.RouteTable;
import io.whygate.gateway.upstream.Selection;
import io.whygate.gateway.upstream.Upstream;
import io.whygate.gateway.upstream.Upstreams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Choosing the route of a request, and an endpoint of its upstream.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChoiceBenchmark {
  /// How many routes there are, and how many endpoints the upstream has.
  @Param({"1", "10", "1000"})
  public int size;

  private @Nullable RouteTable table;
  private @Nullable Upstream upstream;
  private final RequestHead request = Messages.readRequest("/r1/catalogue/shoes?page=2");

  @Setup
  public void configure() throws InvalidConfigException {
    List<String> endpoints =
        IntStream.rangeClosed(1, size).mapToObj(port -> "http://127.0.0.1:" + port).toList();
    List<Map<String, Object>> routes = new ArrayList<>();
    for (int i = 1; i <= size; i++) {
      routes.add(Map.of("path", "/r" + i, "upstream", "shop"));
    }
    Map<String, Object> whygate =
        Map.of(
            "listeners", List.of(Map.of("bind", "127.0.0.1:0")),
            "upstreams", Map.of("shop", Map.of("endpoints", endpoints)),
            "routes", routes);
    Settings settings = new ConfigReader().ofValues(whygate, "benchmark").settings();
    Upstreams upstreams = Upstreams.of(settings.upstreams().values(), System::nanoTime);
    upstream = upstreams.find("shop").orElseThrow();
    table = new RouteTable(settings.routes(), Map.of("shop", upstream));
  }

  @Benchmark
  public RouteTable.@Nullable Match matchesRoute() {
    return table == null ? null : table.match(request);
  }

  @Benchmark
  public @Nullable Selection selectsEndpoint() {
    return upstream == null ? null : upstream.select(List.of());
  }
}
