package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.FilterPage;
import io.whygate.gateway.http.ContentReader;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/// Reads one answer after the other from the bytes of a connection: interim heads, the final head,
/// the content.
///
/// Acts on nothing: each call reads one thing and says what it was. Confined to the event loop of
/// its connection.
final class ResponseReader {
  private final ResponseHead head;
  private final ContentReader content;
  private final ContentReader.Sink sink;
  private final int maxInformational;
  private final boolean plain;

  private boolean answersHead;
  private boolean upgradeAsked;
  private int informational;
  private int bytesToTell;
  private String blockMark = "";
  private boolean persistent;
  private long bytesReceived;
  private long firstByteNanos;
  private @Nullable AttemptFailure failure;
  private WireFacts.Spot offence = WireFacts.Spot.NONE;

  /// What was read.
  enum Found {
    /// Nothing whole: more bytes are needed.
    MORE,
    /// The head of an interim answer; [#nextHead] goes on.
    INTERIM,
    /// The head of a switch of protocols, which the request asked for.
    SWITCHED,
    /// A final head that cannot be judged before some of its content is there; [#judge] goes on.
    UNSURE,
    /// A final head; its content begins.
    HEAD,
    /// The answer is whole.
    END,
    /// What is no answer; [#failure] says why.
    BAD
  }

  /// @param setup with the limits of an answer
  /// @param plain whether the connection is without TLS
  /// @param sink takes the pieces of content
  ResponseReader(ConnectionSetup setup, boolean plain, ContentReader.Sink sink) {
    this.head = new ResponseHead(setup.limits());
    this.content = new ContentReader(setup.limits(), setup.smallPieces());
    this.maxInformational = setup.maxInterimResponses();
    this.plain = plain;
    this.sink = sink;
  }

  /// Begins with the answer to the next request.
  void begin(boolean headRequest, boolean upgrade) {
    answersHead = headRequest;
    upgradeAsked = upgrade;
    informational = 0;
    bytesToTell = 0;
    blockMark = "";
    persistent = false;
    bytesReceived = 0;
    firstByteNanos = 0;
    nextHead();
  }

  /// Goes on to the head that follows an interim one.
  void nextHead() {
    head.reset();
    head.answering(answersHead);
  }

  ResponseHead head() {
    return head;
  }

  /// What is wrong, after [Found#BAD].
  AttemptFailure failure() {
    AttemptFailure found = failure;
    if (found == null) {
      throw new AssertionError("no failure of an answer that is good so far");
    }
    return found;
  }

  /// The byte that broke the rules, after [Found#BAD] by such a byte.
  WireFacts.Spot offence() {
    return offence;
  }

  /// Bytes of the answer that came.
  long bytesReceived() {
    return bytesReceived;
  }

  /// When the first of them came; 0 where none did.
  long firstByteNanos() {
    return firstByteNanos;
  }

  /// The first of them, a character a byte.
  String firstBytes() {
    FieldSection fields = head.fields();
    return fields.text(0, Math.min(FailedAttempt.FIRST_BYTES, fields.filled()));
  }

  /// Counts bytes that came.
  void came(int bytes) {
    if (bytesReceived <= 0) {
      firstByteNanos = System.nanoTime();
    }
    bytesReceived += bytes;
  }

  /// Takes back from the count what will come once more.
  void notYet(int bytes) {
    bytesReceived -= bytes;
  }

  /// Reads a head.
  ///
  /// @param ended whether the server sends no more
  Found readHead(ByteBuf in, boolean ended) {
    MessageHead.Progress progress = head.read(in);
    if (progress == MessageHead.Progress.MORE) {
      return Found.MORE;
    }
    if (progress == MessageHead.Progress.BAD) {
      offence = Offences.in(head);
      return bad(malformed());
    }
    return head.isInformational() ? interim() : judge(in, ended);
  }

  private Found interim() {
    if (head.status() == 101) {
      return upgradeAsked && head.nominatesUpgrade()
          ? Found.SWITCHED
          : bad(
              new AttemptFailure.MalformedResponse(
                  Phase.AWAIT_RESPONSE,
                  ResponseProblem.UNASKED_UPGRADE,
                  "the server switched protocols without being asked",
                  0,
                  -1));
    }
    return ++informational <= maxInformational
        ? Found.INTERIM
        : bad(
            new AttemptFailure.MalformedResponse(
                Phase.AWAIT_RESPONSE,
                ResponseProblem.HEADER_TOO_LARGE,
                "more than " + maxInformational + " interim answers",
                -1,
                -1));
  }

  /// Whether it waits for content by which a final head is judged.
  boolean isUnsure() {
    return bytesToTell > 0;
  }

  /// Whether so much content is enough to judge a final head.
  boolean canTell(int bytes) {
    return bytes >= bytesToTell;
  }

  /// Judges a final head by itself and by the content that is there.
  ///
  /// @param in the content as far as it came
  /// @param ended whether the server sends no more
  Found judge(ByteBuf in, boolean ended) {
    bytesToTell = 0;
    if (!answersHead
        && head.contentLength() >= 0
        && in.readableBytes() > head.contentLength()
        && mayHaveContent()) {
      offence = Offences.in(in, in.readerIndex() + (int) head.contentLength(), bytesReceived);
      return bad(excess());
    }
    int tellsTls = plain ? TlsWanted.bytesToTell(head) : 0;
    int tellsFilter = FilterPage.bytesToTell(head);
    int wanted = Math.max(tellsTls, tellsFilter);
    if (wanted > 0 && in.readableBytes() < wanted && !ended) {
      bytesToTell = wanted;
      return Found.UNSURE;
    }
    blockMark = FilterPage.markIn(head, in);
    if (tellsTls > 0 && TlsWanted.isSaidBy(in)) {
      return bad(
          new AttemptFailure.MalformedResponse(
              Phase.AWAIT_RESPONSE,
              ResponseProblem.TLS_WANTED,
              "the server says that plain HTTP was sent to its HTTPS port",
              -1,
              -1));
    }
    persistent = head.isPersistent();
    content.forgetSmallPieces();
    content.begin(head.framing(), head.contentLength());
    return Found.HEAD;
  }

  /// The words by which the answer is a filter's page, after [Found#HEAD]; empty where it is not.
  String blockMark() {
    return blockMark;
  }

  private boolean mayHaveContent() {
    return head.status() != 204 && head.status() != 304;
  }

  /// Whether the content is whole.
  boolean isDone() {
    return content.isDone();
  }

  /// Reads content: hands its pieces to the sink.
  Found readContent(ByteBuf in) {
    if (head.framing() == Framing.LENGTH && in.readableBytes() > content.remaining()) {
      offence = Offences.in(in, in.readerIndex() + (int) content.remaining(), bytesReceived);
      return bad(excess());
    }
    return switch (content.read(in, sink)) {
      case MORE -> Found.MORE;
      case DONE -> Found.END;
      case BAD -> {
        offence = Offences.in(in, in.readerIndex() - 1, bytesReceived);
        yield bad(
            new AttemptFailure.MalformedResponse(
                Phase.READ_RESPONSE, contentProblem(), content.problem(), -1, -1));
      }
    };
  }

  private ResponseProblem contentProblem() {
    if (content.problemIsSmallPieces()) {
      return ResponseProblem.SMALL_PIECES;
    }
    return content.problemIsInTrailer() ? ResponseProblem.BAD_TRAILER : ResponseProblem.BAD_CHUNK;
  }

  /// How much content is still to come of which nothing has to be read; 0 where any byte of what
  /// comes may be framing, or is TLS's.
  long plainContent() {
    return plain && head.framing() == Framing.LENGTH ? content.remaining() : 0;
  }

  /// Counts content that went to the client without being read.
  void passedBy(int bytes) {
    bytesReceived += bytes;
    content.passedBy(bytes);
  }

  /// Whether the end of the connection would end the answer.
  boolean mayEndNow() {
    return content.mayEndNow();
  }

  @Nullable FieldSection trailers() {
    return content.trailers();
  }

  /// Whether the answer leaves its connection open for another.
  boolean isPersistent() {
    return persistent;
  }

  private Found bad(AttemptFailure why) {
    failure = why;
    return Found.BAD;
  }

  private static AttemptFailure excess() {
    return new AttemptFailure.MalformedResponse(
        Phase.READ_RESPONSE,
        ResponseProblem.EXCESS_BODY,
        "more bytes than Content-Length said",
        -1,
        -1);
  }

  private AttemptFailure malformed() {
    ResponseProblem problem = head.problem();
    if (problem == ResponseProblem.NOT_HTTP) {
      long came = Math.min(bytesReceived, head.fields().filled());
      problem = FirstBytes.classify(head.fields().bytes(), came);
    }
    return new AttemptFailure.MalformedResponse(
        Phase.AWAIT_RESPONSE, problem, head.detail(), head.offset(), head.size());
  }
}
