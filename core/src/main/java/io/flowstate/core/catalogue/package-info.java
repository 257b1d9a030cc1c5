/** What there is to run: models, deployments, prices and priors, read from YAML. Start at {@link io.flowstate.core.catalogue.Catalogue}. */
@NullMarked
package io.flowstate.core.catalogue;

import org.jspecify.annotations.NullMarked;
