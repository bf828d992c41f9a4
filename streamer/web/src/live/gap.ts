// Where a plotted line breaks: nothing came for a while, which a straight line would tell something of.

export const GAP_S = 0.5;
