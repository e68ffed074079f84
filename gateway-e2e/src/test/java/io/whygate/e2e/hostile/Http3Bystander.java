package io.whygate.e2e.hostile;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicSslContext;
import io.whygate.e2e.lab.H3Bytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// A bystander that speaks HTTP/3, on a thread of its own.
final class Http3Bystander implements Bystander {
  private static final int WINDOW = 1 << 16;
  private static final byte[] REQUEST = H3Bytes.get("/ok");
  private static final byte[] CONTENT = H3Bytes.data("ok");

  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final QuicClient client;

  Http3Bystander(QuicSslContext tls, InetSocketAddress gateway)
      throws IOException, InterruptedException {
    try {
      client = QuicClient.connect(loop, tls, gateway, WINDOW);
    } catch (IOException | InterruptedException e) {
      end();
      throw e;
    }
  }

  @Override
  public void ask() throws IOException, InterruptedException {
    QuicClient.Stream stream = client.open(REQUEST);
    stream.end();
    byte[] answer = stream.awaitEnd();
    int from = answer.length - CONTENT.length;
    if (from <= 0 || !Arrays.equals(answer, from, answer.length, CONTENT, 0, CONTENT.length)) {
      throw new IOException("the bystander got " + Arrays.toString(answer));
    }
  }

  private void end() {
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(5000);
  }

  @Override
  public void close() {
    client.close();
    end();
  }
}
