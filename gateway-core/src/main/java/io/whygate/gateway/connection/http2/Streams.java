package io.whygate.gateway.connection.http2;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.Frames;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The streams of one connection by their numbers (RFC 9113 section 5.1.1), and what they leave to
/// those that follow. Confined to its event loop.
final class Streams {
  private static final int SPARE_HEADS = 32;

  private final HeadLimits limits;
  private final IntObjectMap<Http2UpstreamStream> open = new IntObjectHashMap<>();
  private final ArrayDeque<ResponseHead> spareHeads = new ArrayDeque<>(2);
  private final List<Http2UpstreamStream> touched = new ArrayList<>(4);

  private int initialWindow = Frames.DEFAULT_WINDOW;
  private int last = -1;
  private long begun;

  Streams(HeadLimits limits) {
    this.limits = limits;
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  int size() {
    return open.size();
  }

  /// A stream by its number; null where none is open.
  @Nullable Http2UpstreamStream get(int id) {
    return open.get(id);
  }

  /// The highest number of a stream; -1 before the first.
  int last() {
    return last;
  }

  /// Whether there are numbers left.
  boolean mayFollow() {
    return last < Integer.MAX_VALUE - 2;
  }

  /// How many there were so far.
  long begun() {
    return begun;
  }

  /// How much of a request the server takes at first.
  int initialWindow() {
    return initialWindow;
  }

  /// An exchange begins.
  ///
  /// @return the number of its stream
  int opened(Http2UpstreamStream stream) {
    last += 2;
    begun++;
    open.put(last, stream);
    return last;
  }

  /// The head of a request that waited is about to go out: its stream gets a number above those of
  /// streams that began meanwhile, by which lower ones were closed.
  ///
  /// @return the number of its stream
  int renumbered(Http2UpstreamStream stream) {
    if (stream.id() != last) {
      open.remove(stream.id());
      last += 2;
      open.put(last, stream);
    }
    return last;
  }

  /// An exchange is over.
  ///
  /// @param head of its answer, which is another's from now on
  void over(Http2UpstreamStream stream, @Nullable ResponseHead head) {
    open.remove(stream.id());
    if (head != null && spareHeads.size() < SPARE_HEADS) {
      spareHeads.push(head);
    }
  }

  /// A head for the next answer.
  ResponseHead newHead() {
    ResponseHead spare = spareHeads.poll();
    return spare == null ? new ResponseHead(limits) : spare;
  }

  /// The server takes so much of each request at first; false where a window overflows by that.
  boolean initialWindow(int value) {
    long change = (long) value - initialWindow;
    initialWindow = value;
    for (Http2UpstreamStream each : List.copyOf(open.values())) {
      if (!each.takesMore(change)) {
        return false;
      }
    }
    return true;
  }

  /// The server's settings are known, or new ones are.
  void settled() {
    for (Http2UpstreamStream each : List.copyOf(open.values())) {
      each.settled();
    }
  }

  /// Something of a stream's answer was handed on during this read.
  void touched(Http2UpstreamStream stream) {
    if (!touched.contains(stream)) {
      touched.add(stream);
    }
  }

  /// All that was ready has been read.
  void readComplete() {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).readComplete();
    }
    touched.clear();
  }

  /// Those that are open, first to last.
  List<Http2UpstreamStream> inOrder() {
    return open.values().stream().sorted(Comparator.comparingInt(Http2UpstreamStream::id)).toList();
  }

  /// All exchanges fail.
  void fail(Function<Http2UpstreamStream, AttemptFailure> how) {
    for (Http2UpstreamStream each : inOrder()) {
      each.fail(how.apply(each));
    }
  }
}
