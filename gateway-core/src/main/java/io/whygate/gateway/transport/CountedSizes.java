package io.whygate.gateway.transport;

import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;

/// Counts [PipedBytes] among what waits to be sent as Netty counts buffers: else a client that
/// takes nothing would seem to have nothing to take.
public final class CountedSizes implements MessageSizeEstimator {
  public static final CountedSizes ONE = new CountedSizes();

  private static final Handle BUFFERS = DefaultMessageSizeEstimator.DEFAULT.newHandle();

  private static final Handle SIZES =
      message ->
          message instanceof FileRegion region
              ? (int) Math.min(region.count(), Integer.MAX_VALUE)
              : BUFFERS.size(message);

  private CountedSizes() {}

  @Override
  public Handle newHandle() {
    return SIZES;
  }
}
