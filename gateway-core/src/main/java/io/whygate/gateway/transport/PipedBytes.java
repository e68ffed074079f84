package io.whygate.gateway.transport;

import io.netty.channel.FileRegion;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/// Bytes on their way between two sockets, in the kernel: they are written to the channel that they
/// are meant for as a buffer would be, and can be read by nobody.
///
/// Whoever writes it gives it away; released, it gives its pipe back. Confined to an event loop.
public final class PipedBytes extends AbstractReferenceCounted implements FileRegion {
  private final Splices of;
  private final Pipe pipe;
  private final FileDescriptor target;
  private final int count;
  private int transferred;

  PipedBytes(Splices of, Pipe pipe, FileDescriptor target, int count) {
    this.of = of;
    this.pipe = pipe;
    this.target = target;
    this.count = count;
  }

  @Override
  public long position() {
    return 0;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public long transferred() {
    return transferred;
  }

  @Override
  @Deprecated
  public long transfered() {
    return transferred;
  }

  /// Gives the socket what it takes; Netty's own channel for it is passed by.
  @Override
  public long transferTo(WritableByteChannel passedBy, long from) throws IOException {
    int gone = pipe.drain(target, count - transferred);
    transferred += gone;
    return gone;
  }

  @Override
  protected void deallocate() {
    of.giveBack(pipe, transferred == count);
  }

  @Override
  public PipedBytes retain() {
    super.retain();
    return this;
  }

  @Override
  public PipedBytes retain(int increment) {
    super.retain(increment);
    return this;
  }

  @Override
  public PipedBytes touch() {
    return this;
  }

  @Override
  public PipedBytes touch(Object hint) {
    return this;
  }
}
