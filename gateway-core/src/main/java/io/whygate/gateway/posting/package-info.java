/// Posts to web servers that the configuration names.
@NullMarked
package io.whygate.gateway.posting;

import org.jspecify.annotations.NullMarked;
