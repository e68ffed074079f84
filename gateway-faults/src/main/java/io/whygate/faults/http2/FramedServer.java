package io.whygate.faults.http2;

import io.whygate.faults.tls.Pki;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A server of HTTP/2 on a free port of 127.0.0.1, with TLS where wanted, that answers every
/// request until it is told to fail. Each connection has a virtual thread. Thread-safe.
public final class FramedServer implements Closeable {
  private final ServerSocket listener;
  private final @Nullable SSLContext tls;
  private final String[] protocols;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Script script = Script.HEALTHY;

  /// What a server does on its connections.
  public interface Script {
    /// Answers every request.
    Script HEALTHY = new Script() {};

    /// Begins a connection, after the client's preface.
    default void begin(FramedPeer peer) throws IOException {
      peer.settings();
    }

    /// A request is whole.
    ///
    /// @param number of the request among all since the script began, from 1
    default void answer(FramedPeer peer, FramedPeer.Request request, int number)
        throws IOException {
      peer.ok(request.stream());
    }
  }

  private FramedServer(@Nullable Pki pki, String... protocols) throws IOException {
    this.tls = pki == null ? null : pki.server().context(pki.clientRoot());
    this.protocols = protocols;
    this.listener = new ServerSocket(0, 128, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().name("framed-accept").start(this::accept);
  }

  /// A server that is spoken to with prior knowledge.
  public static FramedServer start() throws IOException {
    return new FramedServer(null);
  }

  /// A server that speaks TLS with these certificates, and agrees on one of these protocols.
  public static FramedServer startTls(Pki pki, String... protocols) throws IOException {
    return new FramedServer(pki, protocols);
  }

  /// Does this from now on: connections that are open are closed.
  public void play(Script next) {
    script = next;
    requests.set(0);
    for (Socket each : open) {
      try {
        each.close();
      } catch (IOException e) {
        throw new UncheckedIOException("close " + each, e);
      }
    }
  }

  /// Answers every request again.
  public void mend() {
    play(Script.HEALTHY);
  }

  public URI uri() {
    return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + listener.getLocalPort());
  }

  public int port() {
    return listener.getLocalPort();
  }

  /// Connections that came so far.
  public int accepted() {
    return accepted.get();
  }

  /// Requests that came since the script began.
  public int requests() {
    return requests.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        accepted.incrementAndGet();
        Thread.ofVirtual().name("framed").start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      FramedPeer peer = new FramedPeer(tls == null ? socket : secure(socket));
      Script playing = script;
      if (peer.readPreface()) {
        playing.begin(peer);
        FramedPeer.Request request = peer.request();
        while (request != null) {
          playing.answer(peer, request, requests.incrementAndGet());
          request = peer.request();
        }
      }
    } catch (IOException e) {
      // The client ended the connection, or a script did: a test looks at what the client saw.
    } finally {
      open.remove(socket);
    }
  }

  private Socket secure(Socket socket) throws IOException {
    SSLContext context = tls;
    if (context == null) {
      throw new AssertionError("no TLS");
    }
    var secured = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
    secured.setUseClientMode(false);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
