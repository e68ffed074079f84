package io.whygate.gateway.grpc;

import io.netty.buffer.ByteBuf;

/// Follows the messages of a call through pieces of its content: a byte of flags, four of the
/// length, the message (gRPC over HTTP/2, "Length-Prefixed-Message"). Holds none of them. Confined
/// to its event loop.
public final class MessageWalk {
  private static final int PREFIX = 5;

  /// Whether a message is compressed; other flags have no meaning in gRPC.
  private static final int COMPRESSED = 1;

  private int prefixBytes;
  private long length;
  private long left;

  /// Goes on through a piece, which stays the caller's.
  ///
  /// @return whether there are messages in it, as far as can be told
  public boolean follow(ByteBuf piece) {
    int at = piece.readerIndex();
    int end = piece.writerIndex();
    while (at < end) {
      if (left > 0) {
        int step = (int) Math.min(left, end - at);
        at += step;
        left -= step;
        continue;
      }
      int next = piece.getUnsignedByte(at++);
      if (prefixBytes == 0) {
        if (next > COMPRESSED) {
          return false;
        }
        length = 0;
      } else {
        length = (length << 8) | next;
      }
      if (++prefixBytes == PREFIX) {
        prefixBytes = 0;
        left = length;
      }
    }
    return true;
  }

  /// Whether all messages that began have ended.
  public boolean isBetweenMessages() {
    return prefixBytes == 0 && left == 0;
  }
}
