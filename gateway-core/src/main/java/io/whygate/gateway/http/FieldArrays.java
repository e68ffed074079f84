package io.whygate.gateway.http;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The arrays of a [FieldSection], lent to it while it holds a message: a client that is idle has
/// none, and the next message, of whichever connection, finds them in the processor's cache.
///
/// Each event loop keeps its own; never handed to another thread.
final class FieldArrays {
  static final int STRIDE = 5;
  static final int BYTES = 2048;
  private static final int FIELDS = 32;

  /// Larger ones are not kept.
  private static final int MOST_BYTES = 16_384;

  private static final int MOST_FIELDS = 256;

  /// How many an event loop keeps at most.
  private static final int MOST_KEPT = 256;

  private static final FastThreadLocal<ArrayDeque<FieldArrays>> KEPT =
      new FastThreadLocal<>() {
        @Override
        protected ArrayDeque<FieldArrays> initialValue() {
          return new ArrayDeque<>();
        }
      };

  final byte[] bytes;
  final int[] table;
  final @Nullable FieldName[] known;

  FieldArrays(byte[] bytes, int[] table, @Nullable FieldName[] known) {
    this.bytes = bytes;
    this.table = table;
    this.known = known;
  }

  /// Small ones that are never given back.
  static FieldArrays few() {
    return new FieldArrays(new byte[64], new int[4 * STRIDE], new FieldName[4]);
  }

  /// Takes those that were given back last, or new ones.
  static FieldArrays lend() {
    FieldArrays kept = KEPT.get().pollFirst();
    return kept != null
        ? kept
        : new FieldArrays(new byte[BYTES], new int[FIELDS * STRIDE], new FieldName[FIELDS]);
  }

  /// Takes them back; nobody may use them any more.
  void giveBack() {
    ArrayDeque<FieldArrays> kept = KEPT.get();
    if (bytes.length <= MOST_BYTES && known.length <= MOST_FIELDS && kept.size() < MOST_KEPT) {
      kept.addFirst(this);
    }
  }
}
