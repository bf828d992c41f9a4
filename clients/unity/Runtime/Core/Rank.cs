namespace Posewire.Core
{
    /// <summary>The n-th smallest of some numbers (C. A. R. Hoare, "Find", 1961). Array.Sort would allocate.</summary>
    internal static class Rank
    {
        /// <summary>rank: from 0. The first `count` numbers change their places.</summary>
        public static float Of(float[] numbers, int count, int rank)
        {
            int low = 0;
            int high = count - 1;
            while (low < high)
            {
                float pivot = numbers[(low + high) / 2];
                int left = low;
                int right = high;
                while (left <= right)
                {
                    while (numbers[left] < pivot)
                    {
                        left++;
                    }
                    while (pivot < numbers[right])
                    {
                        right--;
                    }
                    if (left <= right)
                    {
                        float number = numbers[left];
                        numbers[left++] = numbers[right];
                        numbers[right--] = number;
                    }
                }
                if (right < rank)
                {
                    low = left;
                }
                if (rank < left)
                {
                    high = right;
                }
            }
            return numbers[rank];
        }
    }
}
