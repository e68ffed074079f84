/// Makes a site of the documents. Start at [DocumentationSite].
@NullMarked
package io.whygate.e2e.site;

import org.jspecify.annotations.NullMarked;
