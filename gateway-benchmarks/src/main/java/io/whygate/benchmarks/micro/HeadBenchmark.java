package io.whygate.benchmarks.micro;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Reading the head of a message, strictly.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeadBenchmark {
  private final ByteBuf request = Messages.request("/catalogue/shoes?page=2");
  private final ByteBuf response = Messages.response();
  private final RequestHead requestHead = new RequestHead(Messages.LIMITS);
  private final ResponseHead responseHead = new ResponseHead(Messages.LIMITS);

  /// A browser's request of twelve fields.
  @Benchmark
  public MessageHead.Progress readsRequest() {
    requestHead.reset();
    request.readerIndex(0);
    return requestHead.read(request);
  }

  /// A server's answer of eight fields.
  @Benchmark
  public MessageHead.Progress readsResponse() {
    responseHead.reset();
    response.readerIndex(0);
    return responseHead.read(response);
  }
}
