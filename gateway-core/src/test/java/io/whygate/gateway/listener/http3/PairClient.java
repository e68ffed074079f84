package io.whygate.gateway.listener.http3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.handler.codec.http3.Http3ErrorCode;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.http2.H2Client;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// A client of HTTP/1.1, HTTP/2 or HTTP/3, in words that all have. One request after the other.
interface PairClient extends AutoCloseable {
  /// What it speaks.
  enum Kind {
    HTTP1,
    HTTP2,
    HTTP3
  }

  /// How large the pieces of an upload are, bytes.
  int PIECE = 65_536;

  /// An answer, with its names in lower case.
  ///
  /// @param status 0 where no head came: a reset of QUIC may overtake what was sent before
  /// @param whole whether it ended as its protocol ends answers
  record Answer(
      List<List<String>> interim,
      int status,
      List<String> fields,
      String body,
      List<String> trailers,
      boolean whole) {
    List<String> all(String name) {
      return fields.stream()
          .filter(each -> each.startsWith(name + ": "))
          .map(each -> each.substring(name.length() + 2))
          .toList();
    }
  }

  /// Begins a request.
  ///
  /// @param content whether content follows
  void begin(String method, String path, boolean content, String... fields) throws IOException;

  void send(String piece) throws IOException;

  /// Ends the content.
  void end(String... trailers) throws IOException;

  /// Sends so much content, and ends it; waits as long as the gateway has it wait.
  void upload(long size, AtomicLong sent) throws IOException;

  /// Waits for an interim answer.
  void awaitInterim() throws IOException;

  Answer answer() throws IOException;

  /// Gives the request up.
  void cancel() throws IOException;

  /// Goes on, where it took nothing of answers.
  void take() throws IOException;

  @Override
  void close() throws IOException;

  /// Connects.
  ///
  /// @param address where HTTP/3 is spoken, or clear text by the others
  /// @param takes whether it takes content of answers before [#take]
  static PairClient connect(Kind kind, InetSocketAddress address, TestSite site, boolean takes)
      throws Exception {
    return switch (kind) {
      case HTTP1 -> new OfHttp1(new RawClient(address, PIECE));
      case HTTP2 ->
          new OfHttp2(
              takes
                  ? H2Client.begun(address)
                  : H2Client.begun(address, Frames.SETTING_INITIAL_WINDOW_SIZE, 0));
      case HTTP3 -> new OfHttp3(site.client().connect(address), takes);
    };
  }

  /// A client of HTTP/1.1.
  final class OfHttp1 implements PairClient {
    private final RawClient client;
    private final List<List<String>> interim = new ArrayList<>();
    private boolean toHead;
    private boolean chunked;

    OfHttp1(RawClient client) {
      this.client = client;
    }

    @Override
    public void begin(String method, String path, boolean content, String... fields)
        throws IOException {
      interim.clear();
      toHead = method.equals("HEAD");
      List<String> all = new ArrayList<>(Arrays.asList(fields));
      chunked = content && all.stream().noneMatch(each -> each.startsWith("content-length"));
      if (chunked) {
        all.add("Transfer-Encoding: chunked");
      }
      if (all.contains("te: trailers")) {
        all.add("Connection: TE");
      }
      all.addFirst(method + " " + path + " HTTP/1.1\r\nHost: localhost");
      client.send(String.join("\r\n", all) + "\r\n\r\n");
    }

    @Override
    public void send(String piece) throws IOException {
      client.send(chunked ? Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n" : piece);
    }

    @Override
    public void end(String... trailers) throws IOException {
      if (chunked) {
        String all = trailers.length == 0 ? "" : String.join("\r\n", trailers) + "\r\n";
        client.send("0\r\n" + all + "\r\n");
      }
    }

    @Override
    public void upload(long size, AtomicLong sent) throws IOException {
      String piece = "x".repeat(PIECE);
      while (sent.get() < size) {
        send(piece);
        sent.addAndGet(PIECE);
      }
      end();
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      InputStream in = client.in();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new EOFException("within an answer");
        }
        line.append((char) next);
      }
      return line.toString().strip();
    }

    private List<String> lines() throws IOException {
      List<String> lines = new ArrayList<>();
      for (String line = line(); !line.isEmpty(); line = line()) {
        int colon = line.indexOf(':');
        lines.add(line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon));
      }
      return lines;
    }

    @Override
    public void awaitInterim() throws IOException {
      List<String> head = head();
      if (!head.getFirst().startsWith(":status: 1")) {
        throw new AssertionError("an answer: " + head);
      }
      interim.add(head);
    }

    private List<String> head() throws IOException {
      List<String> all = new ArrayList<>(List.of(":status: " + line().substring(9, 12)));
      all.addAll(lines());
      return all;
    }

    @Override
    public Answer answer() throws IOException {
      List<String> head = head();
      while (head.getFirst().startsWith(":status: 1")) {
        interim.add(head);
        head = head();
      }
      int status = Integer.parseInt(head.getFirst().substring(9));
      Answer begun = new Answer(List.copyOf(interim), status, head, "", List.of(), true);
      if (toHead || status == 204 || status == 304) {
        return begun;
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      List<String> trailers = new ArrayList<>();
      boolean whole = true;
      try {
        body(begun, body, trailers);
      } catch (EOFException | SocketException e) {
        whole = false;
      }
      return new Answer(begun.interim, status, head, body.toString(ISO_8859_1), trailers, whole);
    }

    private void body(Answer begun, ByteArrayOutputStream into, List<String> trailers)
        throws IOException {
      if (!begun.all("content-length").isEmpty()) {
        bytes(Integer.parseInt(begun.all("content-length").getFirst()), into);
        return;
      }
      if (begun.all("transfer-encoding").isEmpty()) {
        throw new AssertionError("no framing: " + begun);
      }
      for (int size = Integer.parseInt(line(), 16); size > 0; ) {
        bytes(size, into);
        line();
        size = Integer.parseInt(line(), 16);
      }
      trailers.addAll(lines());
    }

    private void bytes(int count, ByteArrayOutputStream into) throws IOException {
      byte[] read = client.in().readNBytes(count);
      into.writeBytes(read);
      if (read.length < count) {
        throw new EOFException("within an answer");
      }
    }

    @Override
    public void cancel() throws IOException {
      client.socket().setSoLinger(true, 0);
      client.close();
    }

    @Override
    public void take() {
      // It reads when it is told to.
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }

  /// A client of HTTP/2.
  final class OfHttp2 implements PairClient {
    private final H2Client client;
    private final List<List<String>> interim = new ArrayList<>();
    private int stream = -1;
    private long window = 65_535;
    private long streamWindow = 65_535;

    OfHttp2(H2Client client) {
      this.client = client;
    }

    @Override
    public void begin(String method, String path, boolean content, String... fields)
        throws IOException {
      interim.clear();
      stream += 2;
      client.headers(stream, !content, H2Client.request(method, path, fields));
    }

    @Override
    public void send(String piece) throws IOException {
      client.data(stream, false, piece);
    }

    @Override
    public void end(String... trailers) throws IOException {
      if (trailers.length == 0) {
        client.data(stream, true, "");
      } else {
        client.headers(stream, true, trailers);
      }
    }

    @Override
    public void upload(long size, AtomicLong sent) throws IOException {
      while (sent.get() < size) {
        int most = (int) Math.min(Math.min(window, streamWindow), 16_384);
        if (most <= 0) {
          windows(client.next(Frames.WINDOW_UPDATE, Frames.SETTINGS));
          continue;
        }
        int next = (int) Math.min(most, size - sent.get());
        client.data(stream, false, "x".repeat(next));
        window -= next;
        streamWindow -= next;
        sent.addAndGet(next);
      }
      end();
    }

    private void windows(H2Client.Frame frame) {
      if (frame.type() == Frames.WINDOW_UPDATE) {
        window += frame.stream() == 0 ? frame.number() : 0;
        streamWindow += frame.stream() == stream ? frame.number() : 0;
        return;
      }
      ByteBuffer all = ByteBuffer.wrap(frame.payload());
      while (all.hasRemaining()) {
        int id = all.getShort();
        int value = all.getInt();
        if (id == Frames.SETTING_INITIAL_WINDOW_SIZE) {
          streamWindow += value - 65_535;
        }
      }
    }

    @Override
    public void awaitInterim() throws IOException {
      List<String> head = client.decode(client.next(Frames.HEADERS));
      if (!head.getFirst().startsWith(":status: 1")) {
        throw new AssertionError("an answer: " + head);
      }
      interim.add(head);
    }

    @Override
    public Answer answer() throws IOException {
      H2Client.Answer answer = client.answer(stream);
      interim.addAll(answer.interim());
      return new Answer(
          List.copyOf(interim),
          answer.status(),
          answer.fields(),
          answer.text(),
          answer.trailers(),
          answer.reset() < 0);
    }

    @Override
    public void cancel() throws IOException {
      client.reset(stream, ErrorCode.CANCEL.number());
    }

    @Override
    public void take() throws IOException {
      client.settings(Frames.SETTING_INITIAL_WINDOW_SIZE, 1 << 20);
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }

  /// A client of HTTP/3.
  final class OfHttp3 implements PairClient {
    private final H3Client client;
    private final boolean takes;
    private H3Client.Call call;

    OfHttp3(H3Client client, boolean takes) {
      this.client = client;
      this.takes = takes;
      this.call = new H3Client.Call();
    }

    @Override
    public void begin(String method, String path, boolean content, String... fields) {
      List<String> all = new ArrayList<>(List.of(H3Client.pseudo(method, path)));
      all.addAll(Arrays.asList(fields));
      call = client.begin(!content, all.toArray(String[]::new));
      if (!takes) {
        call.awaitHead().takes(false);
      }
    }

    @Override
    public void send(String piece) {
      call.send(piece.getBytes(ISO_8859_1));
    }

    @Override
    public void end(String... trailers) {
      if (trailers.length == 0) {
        call.end();
      } else {
        call.trailers(trailers);
      }
    }

    @Override
    public void upload(long size, AtomicLong sent) throws IOException {
      byte[] piece = new byte[PIECE];
      Arrays.fill(piece, (byte) 'x');
      while (sent.get() < size) {
        if (!call.sends(piece, 60_000)) {
          throw new EOFException("a piece that nobody takes");
        }
        sent.addAndGet(PIECE);
      }
      call.end();
    }

    @Override
    public void awaitInterim() {
      RunningGateway.await(() -> !call.interim().isEmpty());
    }

    @Override
    public Answer answer() {
      call.answer();
      boolean hasHead = call.hasHead();
      return new Answer(
          call.interim(),
          hasHead ? call.status() : 0,
          hasHead ? call.fields() : List.of(),
          call.text(),
          call.trailers(),
          call.reset() < 0);
    }

    @Override
    public void cancel() {
      call.reset(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
      call.stop(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
    }

    @Override
    public void take() {
      call.takes(true);
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
