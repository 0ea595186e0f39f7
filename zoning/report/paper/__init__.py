"""Papers: a decision memo and an atlas as plain blocks, set as one HTML file or as PDF.

* `model`: what a paper is made of     * `memo`, `atlas`: the papers     * `grids`: tables as blocks
* `page`: HTML     * `pdf`, `drawn`: PDF     * `fonts`: the Chinese font that is embedded
"""
