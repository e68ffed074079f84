package io.whygate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.whygate.gateway.config.SmallPieces;
import org.jspecify.annotations.Nullable;

/// Cuts the content of a message out of the bytes of its connection, by its framing (RFC 9112
/// sections 6 and 7).
///
/// One object serves all messages of a connection; confined to its event loop.
public final class ContentReader {

  /// How far reading has come.
  public enum Progress {
    /// More bytes are needed.
    MORE,
    /// The content is whole; the buffer stands at the first byte behind it.
    DONE,
    /// The bytes break a rule; the connection cannot be read any further.
    BAD
  }

  /// Takes pieces of content.
  @FunctionalInterface
  public interface Sink {
    /// Takes a piece and owns it.
    void content(ByteBuf piece);
  }

  private enum State {
    LENGTH,
    UNTIL_CLOSE,
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,
    DONE
  }

  /// Chunks up to this size are put together as long as more of them are there: a piece costs far
  /// more than its bytes.
  private static final int SMALL = 512;

  private static final int GATHERED = 8192;

  private final HeadLimits limits;
  private final SmallPieces smallPieces;
  private State state = State.DONE;
  private long remaining;
  private int digits;
  private int extensionBytes;
  private long total;
  private @Nullable FieldSection trailers;
  private int trailerLine;
  private String problem = "";
  private boolean inTrailer;
  private boolean inSmallPieces;
  private @Nullable PieceBudget pieces;
  private @Nullable ByteBuf gathered;

  public ContentReader(HeadLimits limits) {
    this(limits, SmallPieces.ANY);
  }

  /// @param limits of trailer sections; the extensions of all chunks of a message have half as much
  /// @param smallPieces how many chunks may bring next to nothing
  public ContentReader(HeadLimits limits, SmallPieces smallPieces) {
    this.limits = limits;
    this.smallPieces = smallPieces;
  }

  /// Makes ready for the content of the next message.
  public void begin(Framing framing, long length) {
    total = 0;
    remaining = length;
    extensionBytes = 0;
    inTrailer = false;
    inSmallPieces = false;
    problem = "";
    if (trailers != null) {
      trailers.clear();
    }
    state =
        switch (framing) {
          case NONE -> State.DONE;
          case LENGTH -> State.LENGTH;
          case UNTIL_CLOSE -> State.UNTIL_CLOSE;
          case CHUNKED -> State.SIZE;
        };
    digits = 0;
  }

  public boolean isDone() {
    return state == State.DONE;
  }

  /// Whether the end of the connection is a proper end of the content.
  public boolean mayEndNow() {
    return state == State.DONE || state == State.UNTIL_CLOSE;
  }

  /// Content read so far, bytes.
  public long total() {
    return total;
  }

  /// Content that is still to come with [Framing#LENGTH], bytes.
  public long remaining() {
    return remaining;
  }

  /// Counts content with [Framing#LENGTH] that went another way, without being read.
  public void passedBy(int bytes) {
    remaining -= bytes;
    total += bytes;
    if (remaining == 0) {
      state = State.DONE;
    }
  }

  /// The trailer fields; null where there are none.
  public @Nullable FieldSection trailers() {
    FieldSection found = trailers;
    return found != null && found.count() > 0 ? found : null;
  }

  /// What breaks the rules, once reading came to [Progress#BAD].
  public String problem() {
    return problem;
  }

  /// Whether what breaks the rules stands in the trailer section.
  public boolean problemIsInTrailer() {
    return inTrailer;
  }

  /// Whether what breaks the rules is that the content comes in too many small chunks.
  public boolean problemIsSmallPieces() {
    return inSmallPieces;
  }

  /// Holds nothing of earlier messages against those to come.
  public void forgetSmallPieces() {
    pieces = null;
  }

  /// Reads on, and hands pieces of content to the sink. The buffer stays the caller's.
  public Progress read(ByteBuf in, Sink sink) {
    Progress progress = readOn(in, sink);
    giveGathered(sink);
    return progress;
  }

  private Progress readOn(ByteBuf in, Sink sink) {
    while (true) {
      switch (state) {
        case DONE -> {
          return Progress.DONE;
        }
        case LENGTH, DATA -> {
          if (!in.isReadable()) {
            return Progress.MORE;
          }
          int n = (int) Math.min(remaining, in.readableBytes());
          remaining -= n;
          total += n;
          if (remaining == 0) {
            state = state == State.LENGTH ? State.DONE : State.DATA_CR;
          }
          if (state == State.DATA_CR && n <= SMALL && in.readableBytes() > n + 2) {
            gather(in, n, sink);
          } else {
            giveGathered(sink);
            sink.content(in.readRetainedSlice(n));
          }
        }
        case UNTIL_CLOSE -> {
          if (!in.isReadable()) {
            return Progress.MORE;
          }
          total += in.readableBytes();
          sink.content(in.readRetainedSlice(in.readableBytes()));
        }
        case TRAILER -> {
          if (!readTrailer(in)) {
            return problem.isEmpty() ? Progress.MORE : Progress.BAD;
          }
          state = State.DONE;
        }
        case SIZE, EXTENSION, SIZE_LF, DATA_CR, DATA_LF -> {
          if (!in.isReadable()) {
            return Progress.MORE;
          }
          if (!frame(in.readByte())) {
            return Progress.BAD;
          }
        }
      }
    }
  }

  private void gather(ByteBuf in, int n, Sink sink) {
    ByteBuf all = gathered;
    if (all == null) {
      all = in.alloc().buffer(Math.min(in.readableBytes(), GATHERED) + SMALL);
      gathered = all;
    }
    all.writeBytes(in, n);
    if (all.readableBytes() >= GATHERED) {
      giveGathered(sink);
    }
  }

  private void giveGathered(Sink sink) {
    ByteBuf all = gathered;
    if (all != null) {
      gathered = null;
      sink.content(all);
    }
  }

  private boolean frame(byte b) {
    return switch (state) {
      case SIZE -> size(b);
      case EXTENSION -> extension(b);
      case SIZE_LF -> b == '\n' ? sizeRead() : bad("a chunk size that does not end in CRLF");
      case DATA_CR -> {
        state = State.DATA_LF;
        yield b == '\r' || bad("a chunk longer than its size");
      }
      case DATA_LF -> {
        state = State.SIZE;
        digits = 0;
        remaining = 0;
        yield b == '\n' || bad("a chunk longer than its size");
      }
      case LENGTH, UNTIL_CLOSE, DATA, TRAILER, DONE -> throw new AssertionError(state);
    };
  }

  private boolean size(byte b) {
    int digit = Grammar.hex(b);
    if (digit >= 0) {
      if (digits == 0) {
        remaining = 0;
      }
      if (++digits > 15) {
        return bad("a chunk size of more than 15 digits");
      }
      remaining = remaining << 4 | digit;
      return true;
    }
    if (digits == 0) {
      return bad("a chunk without a size");
    }
    if (b == '\r') {
      state = State.SIZE_LF;
      return true;
    }
    if (b == ';') {
      state = State.EXTENSION;
      return true;
    }
    return bad("a character in a chunk size that is no hexadecimal digit");
  }

  private boolean extension(byte b) {
    if (b == '\r') {
      state = State.SIZE_LF;
      return true;
    }
    int most = limits.headerSize() / 2;
    if (++extensionBytes > most) {
      return bad("chunk extensions of more than " + most + " bytes");
    }
    return Grammar.isValue(b) || bad("a control character in a chunk extension");
  }

  private boolean sizeRead() {
    if (remaining > 0) {
      state = State.DATA;
      return isWorthIts(remaining) || tooSmall();
    }
    state = State.TRAILER;
    inTrailer = true;
    trailerLine = 0;
    problem = "";
    return true;
  }

  /// Whether a chunk may be so small. The first of a message may: there has to be one.
  private boolean isWorthIts(long size) {
    PieceBudget budget = pieces;
    if (budget == null) {
      if (total == 0 || size >= smallPieces.least()) {
        return true;
      }
      budget = new PieceBudget(smallPieces);
      pieces = budget;
    }
    return total == 0 || budget.takes(size);
  }

  private boolean tooSmall() {
    inSmallPieces = true;
    return bad("too many chunks of less than " + smallPieces.least() + " bytes");
  }

  /// Reads trailer fields up to the empty line that ends them; false where more is needed or
  /// something is wrong.
  private boolean readTrailer(ByteBuf in) {
    FieldSection section = trailers;
    if (section == null) {
      section = FieldSection.small();
      trailers = section;
    }
    while (in.isReadable()) {
      int lf = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
      int n = lf < 0 ? in.readableBytes() : lf + 1 - in.readerIndex();
      if (section.length() + n > limits.headerSize()) {
        return bad("a trailer section larger than " + limits.headerSize() + " bytes");
      }
      section.take(in, n);
      if (lf < 0) {
        return false;
      }
      int end = section.length() - 2;
      if (end < trailerLine || section.bytes()[end] != '\r') {
        return bad("a trailer line that ends without a carriage return");
      }
      if (end == trailerLine) {
        return true;
      }
      FieldProblem wrong = section.enter(trailerLine, end);
      if (wrong != null) {
        return bad(wrong.text());
      }
      if (section.count() > limits.headerCount()) {
        return bad("more than " + limits.headerCount() + " trailer fields");
      }
      trailerLine = section.length();
    }
    return false;
  }

  private boolean bad(String what) {
    problem = what;
    return false;
  }
}
