package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.transport.PipedBytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The answers that come over one connection, one after the other: hands on what [ResponseReader]
/// reads of them, and keeps back what is not to be read yet. Confined to its event loop.
final class Answers {
  private final Http1UpstreamStream stream;
  private final Http1UpstreamConnection connection;
  private final ResponseReader reader;
  private final KeptBytes kept;

  private boolean holding;
  private boolean handingHead;
  private @Nullable Closing heldEnd;
  private @Nullable Splicing splicing;

  Answers(
      Http1UpstreamStream stream,
      Http1UpstreamConnection connection,
      ConnectionSetup setup,
      boolean secure) {
    this.stream = stream;
    this.connection = connection;
    this.reader = new ResponseReader(setup, !secure, this::contentRead);
    this.kept = new KeptBytes(connection.channel().alloc());
  }

  ResponseReader reader() {
    return reader;
  }

  /// Keeps back what follows the head that is handed on.
  void hold() {
    holding = true;
  }

  boolean isHolding() {
    return holding;
  }

  /// The server sends no more, or broke the connection off, while what it sent is held back.
  void keepEnd(Closing closing) {
    heldEnd = closing;
  }

  /// Goes on with what was kept back.
  void proceed() {
    holding = false;
    if (handingHead) {
      return;
    }
    ByteBuf in = kept.take();
    try {
      read(in);
    } finally {
      in.release();
    }
    connection.allRead();
    Closing end = heldEnd;
    if (end != null && stream.isUnderWay()) {
      stream.inputEnded(end);
    }
  }

  /// Drops what is kept back.
  void forgetKept() {
    holding = false;
    kept.clear();
  }

  /// Reads bytes that came; the buffer stays the caller's.
  void read(ByteBuf in) {
    if (holding) {
      kept.add(in);
      return;
    }
    if (!stream.isOpen()) {
      connection.close();
      return;
    }
    reader.came(in.readableBytes());
    if (reader.isUnsure()) {
      readUnsure(in);
    } else {
      readOn(in);
    }
  }

  /// Nothing more comes: what is there has to do.
  void end() {
    if (reader.isUnsure()) {
      connection.peerClosed();
      readUnsure(Unpooled.EMPTY_BUFFER);
    }
  }

  /// Reads the content of a head that has been read already, and that could not be judged without
  /// it.
  private void readUnsure(ByteBuf in) {
    kept.add(in);
    if (!reader.canTell(kept.size()) && !connection.isPeerClosed()) {
      return;
    }
    ByteBuf all = kept.take();
    try {
      if (headRead(reader.judge(all, connection.isPeerClosed()), all)) {
        readOn(all);
      }
    } finally {
      all.release();
    }
  }

  private void readOn(ByteBuf in) {
    while (stream.awaitsHead() && in.isReadable()) {
      if (!headRead(reader.readHead(in, connection.isPeerClosed()), in)) {
        return;
      }
    }
    if (holding) {
      reader.notYet(in.readableBytes());
      kept.add(in);
      return;
    }
    if (stream.isAnswering()) {
      readContent(in);
    } else if (stream.isTunnel() && in.isReadable() && stream.isUnderWay()) {
      contentRead(in.readRetainedSlice(in.readableBytes()));
    }
    if (in.isReadable()) {
      connection.close();
    } else if (stream.isAnswering() && reader.plainContent() >= Splicing.LEAST) {
      splice();
    }
  }

  /// Acts on what was read of a head; false where nothing more may be read now.
  private boolean headRead(ResponseReader.Found found, ByteBuf in) {
    ResponseReceiver current = stream.receiver();
    if (current == null) {
      return false;
    }
    return switch (found) {
      case MORE, END -> false;
      case UNSURE -> {
        kept.add(in);
        yield false;
      }
      case BAD -> {
        stream.fail(reader.failure());
        yield false;
      }
      case INTERIM -> interim(current);
      case SWITCHED -> {
        stream.switches();
        current.switched(reader.head());
        yield true;
      }
      case HEAD -> {
        finalHead(current);
        yield true;
      }
    };
  }

  private boolean interim(ResponseReceiver current) {
    if (reader.head().status() == 100) {
      stream.contentGoes();
    }
    current.informational(reader.head());
    reader.nextHead();
    return stream.awaitsHead();
  }

  private void finalHead(ResponseReceiver current) {
    stream.headCame(reader.head().framing() != Framing.NONE);
    handingHead = true;
    try {
      current.responseHead(reader.head());
    } finally {
      handingHead = false;
    }
  }

  private void readContent(ByteBuf in) {
    ResponseReceiver current = stream.receiver();
    if (current == null) {
      connection.close();
      return;
    }
    if (!reader.isDone()) {
      stream.goesOn();
    }
    ResponseReader.Found found = reader.readContent(in);
    if (found == ResponseReader.Found.BAD) {
      stream.fail(reader.failure());
    } else if (found == ResponseReader.Found.END && stream.isUnderWay()) {
      stream.end(current, !in.isReadable());
    }
  }

  /// Hands a piece on; what comes after the exchange was given up is dropped.
  private void contentRead(ByteBuf piece) {
    ResponseReceiver current = stream.receiver();
    if (current == null) {
      piece.release();
    } else {
      current.responseContent(piece);
    }
  }

  /// Has the rest of a large answer go on to the client without being read, where it may.
  private void splice() {
    ResponseReceiver current = stream.receiver();
    if (current != null && current.passage() != null) {
      if (splicing == null) {
        splicing = new Splicing(connection.channel(), connection);
      }
      splicing.begin();
    }
  }

  void endSplicing() {
    if (splicing != null) {
      splicing.end();
    }
  }

  /// Passes on what has come of the content of an answer, unread.
  ///
  /// @return false where it is to be read
  boolean takesUnread() throws IOException {
    for (int pieces = 0; pieces < Splicing.IN_A_ROW; pieces++) {
      ResponseReceiver current = stream.receiver();
      PipedBytes piece = current == null ? null : nextPiece(current, pieces == 0);
      if (current == null || piece == null) {
        return pieces > 0;
      }
      boolean large = piece.count() >= Splicing.LARGE;
      pass(current, piece);
      if (!large) {
        return true;
      }
    }
    return true;
  }

  private @Nullable PipedBytes nextPiece(ResponseReceiver current, boolean elseRead)
      throws IOException {
    Splicing by = splicing;
    if (by == null || stream.isPaused() || !stream.isAnswering()) {
      return null;
    }
    Channel to = current.passage();
    return to == null ? null : by.take(to, reader.plainContent(), elseRead);
  }

  private void pass(ResponseReceiver current, PipedBytes piece) {
    stream.goesOn();
    reader.passedBy((int) piece.count());
    current.responseContent(piece);
    if (reader.isDone() && stream.isUnderWay()) {
      stream.end(current, true);
    }
    stream.readComplete();
  }
}
