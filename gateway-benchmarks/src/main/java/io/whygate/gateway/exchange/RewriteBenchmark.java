package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.benchmarks.micro.Messages;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.Sources;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.proxyprotocol.Ends;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Writing the head of a request as its endpoint sees it. In this package, since that is nobody
/// else's affair.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RewriteBenchmark {
  private static final Endpoint ENDPOINT = new Endpoint(Endpoint.Scheme.HTTP, "app.internal", 3000);

  private final RequestHead request = Messages.readRequest("/catalogue/shoes?page=2");
  private final ByteBuf out = Unpooled.directBuffer(4096);
  private final ForwardedFields forwarded;

  public RewriteBenchmark() {
    InetSocketAddress client = new InetSocketAddress(InetAddress.ofLiteral("203.0.113.9"), 5);
    forwarded =
        new ForwardedFields(
            Peer.of(new Ends(client, client), false),
            Sources.NONE,
            new ForwardedFields.Identity("gate", "i1"));
  }

  /// With an id that is made for it.
  @Benchmark
  public ByteBuf writesRequest() {
    out.clear();
    RequestId id = RequestId.of(request, UpstreamSettings.RequestId.CREATE);
    new UpstreamRequest(
            request, ENDPOINT, UpstreamSettings.HostHeader.PRESERVE, forwarded, id, null)
        .writeHttp1(out);
    return out;
  }
}
