package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.whygate.e2e.lab.H3Bytes;
import io.whygate.e2e.lab.KwikClient;
import io.whygate.e2e.lab.TappedSocket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tech.kwik.core.impl.QuicClientConnectionImpl;

/// A client of QUIC that keeps no rule of the transport. Kwik, which shares no code with the
/// gateway, shakes hands and asks for something once; from then on packets of any frames go out in
/// its name, as fast as they are made.
final class ForgedClient implements AutoCloseable {
  /// Beyond those of the packets that Kwik sent.
  private static final int FIRST_NUMBER = 1000;

  private static final int CLOSE_BY_TRANSPORT = 0x1c;
  private static final int CLOSE_BY_APPLICATION = 0x1d;

  private final QuicClientConnectionImpl kwik;
  private final TappedSocket socket;
  private final InetSocketAddress gateway;
  private final byte[] connection;
  private final int ownIdLength;
  private final QuicKeys own;
  private final QuicKeys gateways;
  private final Semaphore heard = new Semaphore(0);
  private long number = FIRST_NUMBER;
  private long sent;
  private volatile long answered;
  private volatile long largest = -1;
  private volatile long inRow;
  private volatile String end = "";

  private ForgedClient(
      QuicClientConnectionImpl kwik,
      TappedSocket socket,
      InetSocketAddress gateway,
      QuicKeys own,
      QuicKeys gateways) {
    this.kwik = kwik;
    this.socket = socket;
    this.gateway = gateway;
    this.own = own;
    this.gateways = gateways;
    this.connection = kwik.getDestinationConnectionId();
    this.ownIdLength = kwik.getSourceConnectionId().length;
  }

  /// Connects.
  static ForgedClient connect(InetSocketAddress gateway) throws IOException {
    Path secrets = Files.createTempFile("quic", "secrets");
    TappedSocket socket = new TappedSocket();
    var kwik = (QuicClientConnectionImpl) KwikClient.by(socket, gateway).secrets(secrets).build();
    try {
      kwik.connect();
      // Once that is answered, the handshake is over at both ends.
      KwikClient.ask(kwik, H3Bytes.get("/ok"));
      ForgedClient client =
          new ForgedClient(kwik, socket, gateway, keys(secrets, "CLIENT"), keys(secrets, "SERVER"));
      socket.takeOver(client::received);
      return client;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      socket.close();
      throw new IOException(e);
    } finally {
      Files.delete(secrets);
    }
  }

  private static QuicKeys keys(Path secrets, String whose)
      throws IOException, GeneralSecurityException {
    String secret =
        Files.readString(secrets, UTF_8)
            .lines()
            .filter(line -> line.startsWith(whose + "_TRAFFIC_SECRET_0 "))
            .findFirst()
            .orElseThrow();
    return new QuicKeys(HexFormat.of().parseHex(secret.substring(secret.lastIndexOf(' ') + 1)));
  }

  private void received(byte[] datagram) {
    answered += datagram.length;
    heard.release();
    if (datagram[0] < 0) {
      return;
    }
    try {
      QuicKeys.Opened packet = gateways.open(datagram, ownIdLength, largest + 1);
      inRow = packet.number() == largest + 1 ? inRow + 1 : 1;
      largest = packet.number();
      read(ByteBuffer.wrap(packet.frames()));
    } catch (GeneralSecurityException | RuntimeException _) {
      // Of a connection before, or of another kind: it tells nothing.
    }
  }

  /// Looks for the end of the connection, behind what may stand before it.
  private void read(ByteBuffer frames) {
    while (frames.hasRemaining()) {
      int type = frames.get();
      if (type == CLOSE_BY_TRANSPORT || type == CLOSE_BY_APPLICATION) {
        long code = QuicBytes.variable(frames);
        end = (type == CLOSE_BY_TRANSPORT ? "transport 0x" : "http 0x") + Long.toHexString(code);
        return;
      }
      QuicBytes.skip(type, frames);
    }
  }

  /// Sends a packet of these frames.
  void send(byte[] frames) throws IOException {
    try {
      byte[] packet = own.seal(connection, number, frames);
      socket.sendForged(new DatagramPacket(packet, packet.length, gateway));
      number++;
      sent += packet.length;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /// Has a number missing, as if a packet were lost.
  void skip() {
    number++;
  }

  /// What says that the gateway's last packets came.
  byte[] ack() {
    long last = largest;
    return last < 0 ? QuicBytes.bare(0) : QuicBytes.ack(last, Math.min(inRow, last + 1));
  }

  /// Why the gateway ended the connection; empty while it did not.
  String end() {
    return end;
  }

  /// Waits for more from the gateway, for a moment.
  void awaitMore() throws InterruptedException {
    heard.tryAcquire(2, TimeUnit.MILLISECONDS);
    heard.drainPermits();
  }

  /// Waits for the gateway to end the connection, for a while.
  void awaitEnd() throws InterruptedException {
    long over = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (end.isEmpty() && System.nanoTime() < over) {
      awaitMore();
    }
  }

  /// Bytes that the gateway sent.
  long answered() {
    return answered;
  }

  /// Bytes of the packets that were forged.
  long sent() {
    return sent;
  }

  @Override
  public void close() throws IOException {
    if (end.isEmpty()) {
      // CONNECTION_CLOSE of HTTP/3: no error.
      send(
          H3Bytes.join(
              QuicBytes.bare(CLOSE_BY_APPLICATION), QuicBytes.variable(0x100), new byte[1]));
    }
    socket.close();
  }
}
